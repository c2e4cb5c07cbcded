package engine

import (
	"context"
	"fmt"
	"time"

	"andon/plant"
	"andon/production"
	"andon/production/forecast"
)

// A ForecastQuery asks what a line will make.
type ForecastQuery struct {
	Line     string        // path
	Until    plant.Instant // 0 for the end of the running shift
	Order    string        // "" for the one that runs
	Backtest bool          // also how often earlier forecasts were right
}

// A LineForecast is what a line will make, from its own history.
type LineForecast struct {
	Line    string
	Now     plant.Instant
	Product string      // that all forecasts are of
	Shift   plant.Shift // the running one, or the production day
	Until   plant.Instant
	Good    int64 // so far in the shift
	Target  production.ShiftAttainment
	Units   forecast.Forecast[int64] // good ones from the start of the shift to Until

	Order      string // "" for none
	Due        plant.Instant
	Remaining  int64
	Completion forecast.Completion
	// InTime is how probable it is that the order is done when it is due.
	InTime production.Ratio

	History  plant.Interval      // days that were read
	Backtest []forecast.Coverage // of an hour, and of four, of work ahead
}

// historyDays are how many days the history of a forecast goes back.
const historyDays = 7

// Forecast says what a line will make. The error is store.ErrNotFound when
// the plant has no such line, or it has no figures.
func (o *Outlook) Forecast(ctx context.Context, q ForecastQuery) (LineForecast, error) {
	line, err := o.line(q.Line)
	if err != nil {
		return LineForecast{}, err
	}
	if err := o.take(ctx); err != nil {
		return LineForecast{}, err
	}
	defer o.give()
	question := fmt.Sprintf("%s %d %s %t", q.Line, q.Until, q.Order, q.Backtest)
	clock := o.clock()
	f, err := o.forecasts.get(clock, clock.Add(keepAnswer), question, func() (LineForecast, error) { return o.forecast(ctx, line, q) })
	if err != nil {
		return f, fmt.Errorf("forecast %s: %w", q.Line, err)
	}
	return f, nil
}

func (o *Outlook) forecast(ctx context.Context, line *plant.Line, q ForecastQuery) (LineForecast, error) {
	f := LineForecast{Line: line.Path}
	var err error
	if f.Now, err = o.k.now(ctx, line.Area); err != nil {
		return f, err
	}
	if f.Now == 0 {
		f.Units.Reason = "nothing is recorded of the line"
		return f, nil
	}
	work, err := o.workOf(line)
	if err != nil {
		return f, err
	}
	if err := o.shift(ctx, &f, line, work); err != nil {
		return f, err
	}
	past, err := o.history(ctx, line, f.Now)
	if err != nil {
		return f, err
	}
	f.History = plant.Interval{From: f.Now.Add(-historyDays * 24 * time.Hour), To: f.Now}
	f.Until = max(f.Now, q.Until)
	if q.Until == 0 {
		f.Until = f.Shift.To
	}
	ideal := func(product string) time.Duration {
		return production.IdealTime(o.k.cfg, line.Constraint, product, f.Now)
	}
	in := forecast.Input{History: past[max(0, len(past)-latestBuckets):], Work: work, Ideal: ideal(f.Product), Now: f.Now}
	f.Units = forecast.Units(in, f.Until, f.Good)
	if q.Backtest {
		if f.Backtest, err = o.backtest(line, past); err != nil {
			return f, err
		}
	}
	r, err := o.orderToCome(ctx, line, q.Order, f.Now)
	if err != nil || r.Attainment == nil || r.Quantity == 0 {
		return f, err
	}
	in.Ideal = ideal(r.Product)
	f.expect(r, in)
	return f, nil
}

// backtest returns how often earlier forecasts from a line's past were right.
func (o *Outlook) backtest(line *plant.Line, past forecast.History) ([]forecast.Coverage, error) {
	clock := o.clock()
	return o.backtests.get(clock, clock.Add(keepPast), line.Path, func() ([]forecast.Coverage, error) {
		return []forecast.Coverage{forecast.Backtest(past, 12), forecast.Backtest(past, 48)}, nil
	})
}

// expect completes f with when an order will be done.
func (f *LineForecast) expect(r OrderView, in forecast.Input) {
	f.Order, f.Due, f.Remaining = r.Order, r.Due, r.Attainment.Remaining
	f.Completion = forecast.Order(in, f.Remaining)
	if f.Due != 0 && f.Completion.Reason == "" {
		f.InTime = production.Ratio{Value: f.Completion.Chance(f.Due), OK: true}
	}
}

// latestBuckets are 48 hours of work, which forecasts look at.
const latestBuckets = 576

// shift completes f with the running shift, what is good in it and what is
// made now.
func (o *Outlook) shift(ctx context.Context, f *LineForecast, line *plant.Line, work *production.WorkTime) error {
	prod, moment := o.k.areas[line.Area], plant.Interval{From: f.Now, To: f.Now + 1}
	if shifts := prod.Shifts(line.Constraint, moment); len(shifts) > 0 {
		f.Shift = shifts[len(shifts)-1]
	} else if days := prod.Days(line.Constraint, moment); len(days) > 0 {
		f.Shift = plant.Shift{From: days[0].From, To: days[0].To}
	}
	facts, err := o.facts(ctx, line, plant.Interval{From: f.Shift.From, To: max(f.Now, f.Shift.From+1)})
	if err != nil {
		return err
	}
	f.Target = production.AttainShift(production.ShiftInput{Config: o.k.cfg, Line: line, Work: work, Shift: f.Shift, Facts: facts, Now: f.Now})
	f.Good = f.Target.Good
	if n := len(facts.Segments); n > 0 {
		f.Product = facts.Segments[n-1].Product
	}
	return nil
}

// history returns the line's buckets of the last days, each day cut by itself.
func (o *Outlook) history(ctx context.Context, line *plant.Line, now plant.Instant) (forecast.History, error) {
	var all forecast.History
	clock := o.clock()
	const day = plant.Instant(24 * time.Hour)
	for from := now.Truncate(24*time.Hour) - historyDays*day; from < now; from += day {
		w, age := plant.Interval{From: from, To: min(from+day, now)}, keepToday
		if w.To < now.Add(-o.k.cfg.Horizon) {
			age = keepPast
		}
		h, err := o.histories.get(clock, clock.Add(age), line.Path+" "+from.String(), func() (forecast.History, error) {
			f, err := o.facts(ctx, line, w)
			return forecast.NewHistory(f, w), err
		})
		if err != nil {
			return nil, err
		}
		all = append(all, h...)
	}
	return all, nil
}

// orderToCome returns the order of that name which began last, or the one
// that runs; the zero OrderView when there is none.
func (o *Outlook) orderToCome(ctx context.Context, line *plant.Line, name string, now plant.Instant) (OrderView, error) {
	views, err := o.ordersOf(ctx, line)
	var found OrderView
	for _, v := range views {
		runs := v.From <= now && (v.To == 0 || now < v.To)
		if name == "" && runs || name != "" && v.Order == name && v.From <= now {
			found = v
		}
	}
	return found, err
}

// Watch works out the forecast of every line each minute until ctx is done,
// for screens: Latest has them. changed is called after each round.
func (o *Outlook) Watch(ctx context.Context, changed func()) {
	every := time.NewTicker(keepAnswer)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
		for _, line := range o.lines("") {
			f, err := o.Forecast(ctx, ForecastQuery{Line: line.Path})
			if err != nil {
				f.Units = forecast.Forecast[int64]{Reason: "the records cannot be read"}
			}
			o.mu.Lock()
			o.latest[line.Path] = f.Units
			o.mu.Unlock()
		}
		changed()
	}
}

// Latest returns how many good units Watch last expected of a line at the end
// of its shift; false when it has not yet. It does not block.
func (o *Outlook) Latest(line string) (forecast.Forecast[int64], bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	f, ok := o.latest[line]
	return f, ok
}
