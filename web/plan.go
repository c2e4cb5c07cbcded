package web

import (
	"context"
	"math"
	"strings"

	"andon/engine"
	"andon/plant"
	"andon/production"
	"andon/production/forecast"
)

// An Outlook is what the server needs of plans and forecasts. All methods are
// safe for concurrent use; errors wrap store.ErrNotFound for what is no line.
type Outlook interface {
	// Orders returns the orders at and below a path, by line and start.
	Orders(ctx context.Context, path string) ([]engine.OrderView, error)
	Forecast(ctx context.Context, q engine.ForecastQuery) (engine.LineForecast, error)
	// Latest returns what a line was last expected to make by the end of its
	// shift; it does not block.
	Latest(line string) (forecast.Forecast[int64], bool)
}

// outlook returns the outlook of the options, or one of their records.
func (o Options) outlook() (Outlook, error) {
	if o.Outlook != nil {
		return o.Outlook, nil
	}
	cfg := production.DefaultConfig()
	cfg.Orders = o.Orders
	k, err := engine.NewKPIs(cfg, o.Tree, o.Store)
	if err != nil {
		return nil, err
	}
	return engine.NewOutlook(k, o.Tree), nil
}

// A planBody is what a line made in a shift beside what it should have.
type planBody struct {
	Good        int64            `json:"good"`
	Target      int64            `json:"target"`
	TargetShift int64            `json:"target_shift"`
	Configured  bool             `json:"configured"`
	Attainment  production.Ratio `json:"attainment"`
	Required    production.Ratio `json:"required_rate"`
}

func planOf(p *production.ShiftAttainment) *planBody {
	if p == nil {
		return nil
	}
	return &planBody{p.Good, p.Target, p.TargetShift, p.Configured, p.Attainment, p.Required}
}

// An amountBody is money.
type amountBody struct {
	Amount   production.Money `json:"amount"`
	Currency string           `json:"currency"`
}

func amountOf(c *production.Cost) *amountBody {
	if c == nil {
		return nil
	}
	return &amountBody{c.Total, c.Currency}
}

// A unitsBody is a forecast of good units.
type unitsBody struct {
	Low     int64  `json:"low"`
	Median  int64  `json:"median"`
	High    int64  `json:"high"`
	Buckets int    `json:"buckets"`
	Thin    bool   `json:"thin"`
	Reason  string `json:"reason"`
}

func unitsOf(f forecast.Forecast[int64]) *unitsBody {
	return &unitsBody{f.Low, f.Median, f.High, f.Buckets, f.Thin, f.Reason}
}

// A lineView is a line as the foot of the board shows it. What does not exist
// is empty.
type lineView struct {
	Name, Made, Pace, OEE, Lost, Expected string
}

func (s *Server) lineView(e liveEntry) lineView {
	v := lineView{Name: e.name, Made: units(e.live.Good()) + " good", OEE: "OEE " + oee(e.live.KPI)}
	if r := e.live.Hour.GoodRate.PerHourPlanned; r.OK {
		v.Pace = rounded(r.Value) + "/h"
	}
	if c := e.live.KPI.Cost; c != nil {
		v.Lost = rounded(c.Total.Float()) + " " + strings.TrimSpace(c.Currency) + " lost"
	}
	p := e.live.Plan
	if p == nil {
		return v
	}
	if p.Target > 0 {
		v.Made = units(p.Good) + " of " + units(p.Target) + " good"
	}
	if p.Attainment.OK {
		v.Made += ", " + rounded(100*p.Attainment.Value) + "\u00a0%"
	}
	if p.Required.OK {
		v.Pace = strings.TrimPrefix(v.Pace+", "+rounded(3600*p.Required.Value)+"/h needed", ", ")
	}
	if e.expected.Reason == "" && e.expected.Buckets > 0 {
		v.Expected = units(e.expected.Median) + " (" + units(e.expected.Low) + "–" + units(e.expected.High) + ") by " + s.hour(p.Shift.To)
	}
	return v
}

// rounded formats a number without decimals.
func rounded(v float64) string { return units(int64(math.Round(v))) }

// hour formats the time of a shift at the site.
func (s *Server) hour(t plant.Instant) string { return t.Time().In(s.o.Tree.Zone).Format("15:04") }
