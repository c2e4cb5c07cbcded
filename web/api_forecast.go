package web

import (
	"errors"
	"net/http"

	"andon/engine"
	"andon/production"
	"andon/production/forecast"
	"andon/store"
)

// A forecastBody is what a line will make.
type forecastBody struct {
	Line     string         `json:"line"`
	Now      moment         `json:"now"`
	Product  string         `json:"product"`
	Shift    shiftBody      `json:"shift"`
	Plan     *planBody      `json:"plan"`
	Until    moment         `json:"until"`
	Units    *unitsBody     `json:"units"`
	Order    *orderForecast `json:"order"` // null when none with a quantity runs
	History  spanBody       `json:"history"`
	Backtest []coverageBody `json:"backtest"` // empty unless asked for
}

type spanBody struct {
	From moment `json:"from"`
	To   moment `json:"to"`
}

// An orderForecast is when an order will be done.
type orderForecast struct {
	Order     string           `json:"order"`
	Remaining int64            `json:"remaining"`
	Due       moment           `json:"due"`
	InTime    production.Ratio `json:"in_time"`
	Low       moment           `json:"low"`
	Median    moment           `json:"median"`
	High      moment           `json:"high"`
	Buckets   int              `json:"buckets"`
	Thin      bool             `json:"thin"`
	Reason    string           `json:"reason"`
	Curve     []chanceBody     `json:"curve"`
}

type chanceBody struct {
	Probability float64 `json:"probability"`
	By          moment  `json:"by"`
}

type coverageBody struct {
	Minutes int              `json:"minutes_ahead"` // of work
	Trials  int              `json:"trials"`
	Inside  int              `json:"inside"`
	Share   production.Ratio `json:"share"`
}

// serveForecast answers with what one line will make.
func (s *Server) serveForecast(w http.ResponseWriter, r *http.Request) error {
	q := readQuery(r)
	ask := engine.ForecastQuery{Line: q.text("line"), Until: q.instant("until"), Order: q.text("order"), Backtest: q.truth("backtest")}
	if ask.Line == "" {
		q.fail("line: want the path of a line")
	}
	if err := q.done(); err != nil {
		return err
	}
	f, err := s.o.Outlook.Forecast(r.Context(), ask)
	if errors.Is(err, store.ErrNotFound) {
		return problem{http.StatusNotFound, "unknown_line", "line: the plant has no such line with figures; see /api/v1/equipment"}
	}
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, forecastOf(f))
}

func forecastOf(f engine.LineForecast) forecastBody {
	b := forecastBody{Line: f.Line, Now: moment(f.Now), Product: f.Product, Shift: shiftBody{f.Shift.Name, moment(f.Shift.From), moment(f.Shift.To)},
		Plan: planOf(&f.Target), Until: moment(f.Until), Units: unitsOf(f.Units),
		History: spanBody{moment(f.History.From), moment(f.History.To)}, Backtest: []coverageBody{}}
	for _, c := range f.Backtest {
		b.Backtest = append(b.Backtest, coverageBody{Minutes: 5 * c.Ahead, Trials: c.Trials, Inside: c.Inside, Share: c.Share})
	}
	if f.Order != "" {
		b.Order = completionOf(f.Completion)
		b.Order.Order, b.Order.Remaining, b.Order.Due, b.Order.InTime = f.Order, f.Remaining, moment(f.Due), f.InTime
	}
	return b
}

func completionOf(c forecast.Completion) *orderForecast {
	o := &orderForecast{Low: moment(c.Low), Median: moment(c.Median), High: moment(c.High), Buckets: c.Buckets, Thin: c.Thin,
		Reason: c.Reason, Curve: []chanceBody{}}
	for _, p := range c.Curve {
		o.Curve = append(o.Curve, chanceBody{p.Probability, moment(p.By)})
	}
	return o
}

// An attainmentBody is how far an order is.
type attainmentBody struct {
	Good         int64               `json:"good"`
	Remaining    int64               `json:"remaining"`
	Started      moment              `json:"started"`
	Completed    moment              `json:"completed"`
	ETA          moment              `json:"eta"`
	Late         *production.Seconds `json:"late"`
	Elapsed      production.Seconds  `json:"elapsed_time"`
	Demonstrated production.Ratio    `json:"demonstrated_rate"`
	Required     production.Ratio    `json:"required_rate"`
	Target       int64               `json:"target"`
	Attainment   production.Ratio    `json:"attainment"`
}

func attainmentOf(a *production.Attainment) *attainmentBody {
	if a == nil {
		return nil
	}
	b := &attainmentBody{Good: a.Good, Remaining: a.Remaining, Started: moment(a.Started), Completed: moment(a.Completed), ETA: moment(a.ETA),
		Elapsed: a.Elapsed, Demonstrated: a.Demonstrated, Required: a.Required, Target: a.Target, Attainment: a.Attainment}
	if a.Due != 0 && (a.Completed != 0 || a.ETA != 0) {
		b.Late = &a.Late
	}
	return b
}
