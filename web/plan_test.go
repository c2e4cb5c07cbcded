package web_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"andon/engine"
	"andon/plant"
	"andon/production"
	"andon/production/forecast"
	"andon/store"
	"andon/web"
)

// A fakeOutlook expects of line A what the test says.
type fakeOutlook struct{ asked []engine.ForecastQuery }

var _ web.Outlook = (*fakeOutlook)(nil)

func (o *fakeOutlook) Orders(context.Context, string) ([]engine.OrderView, error) {
	late := production.Seconds(-time.Hour)
	return []engine.OrderView{
		{OrderRecord: production.OrderRecord{Line: lineA, Order: "PO-1", Quantity: 5000, From: ago(2 * time.Hour), Due: ago(-time.Hour)},
			Attainment: &production.Attainment{Line: lineA, Order: "PO-1", Quantity: 5000, Good: 670, Remaining: 4330, Due: ago(-time.Hour),
				Started: ago(2 * time.Hour), ETA: ago(0), Late: late, Elapsed: 840e9, Demonstrated: production.Over(670, 840)}},
		{OrderRecord: production.OrderRecord{Line: lineA, Order: "PO-2", From: ago(-2 * time.Hour)}},
	}, nil
}

func (o *fakeOutlook) Forecast(_ context.Context, q engine.ForecastQuery) (engine.LineForecast, error) {
	o.asked = append(o.asked, q)
	if q.Line != lineA {
		return engine.LineForecast{}, fmt.Errorf("line: %w", store.ErrNotFound)
	}
	f := engine.LineForecast{Line: lineA, Now: ago(0), Product: "P500", Until: ago(-time.Hour), Good: 1190, Order: "PO-1", Remaining: 4330,
		InTime: production.Over(7, 10), Backtest: []forecast.Coverage{{Ahead: 12, Trials: 10, Inside: 9, Share: production.Over(9, 10)}}}
	f.Units, _ = o.Latest(lineA)
	f.Completion.Curve = []forecast.Chance{{Probability: .05, By: ago(-time.Hour)}, {Probability: .95}}
	f.Completion.Low, f.Completion.Buckets = ago(-time.Hour), 300
	return f, nil
}

func (o *fakeOutlook) Latest(line string) (forecast.Forecast[int64], bool) {
	return forecast.Forecast[int64]{Low: 3150, Median: 3310, High: 3420, Buckets: 300}, line == lineA
}

// expecting is the full site with an outlook.
func expecting(t *testing.T) (*site, *fakeOutlook) {
	o := &fakeOutlook{}
	s := newSiteWith(t, nil, func(w *web.Options) { w.Outlook = o })
	s.engine.live = s.everyState()
	s.record(hot(), taken(), over())
	return s, o
}

func TestTheBoardTellsWhatALineLosesAndWillMake(t *testing.T) {
	s, _ := expecting(t)
	page := s.expect(s.get("/"), http.StatusOK)
	for _, want := range []string{"1\u00a0190 of 1\u00a0760 good, 68\u00a0%", "310/h, 603/h needed", "376 EUR lost", "3\u00a0310 (3\u00a0150–3\u00a0420) by 14:24"} {
		if !strings.Contains(page, want) {
			t.Errorf("board: want %q on it", want)
		}
	}
	type body struct {
		Lines []struct {
			Plan     struct{ Target int64 }
			Cost     struct{ Amount float64 }
			Forecast struct{ Median int64 }
		}
	}
	b := decode[body](t, s.expect(s.get("/api/v1/board"), http.StatusOK))
	if len(b.Lines) != 1 || b.Lines[0].Plan.Target != 1760 || b.Lines[0].Cost.Amount != 375.92 || b.Lines[0].Forecast.Median != 3310 {
		t.Errorf("API: got %+v, want the same figures", b.Lines)
	}
}

func TestForecastsAreAskedForALine(t *testing.T) {
	s, o := expecting(t)
	s.expect(s.get("/api/v1/forecast?line="+lineA+"&until=2026-03-02T12:00:00Z&order=PO-1&backtest=true"), http.StatusOK)
	want := engine.ForecastQuery{Line: lineA, Until: plant.At(time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)), Order: "PO-1", Backtest: true}
	if len(o.asked) != 1 || o.asked[0] != want {
		t.Errorf("asked: got %+v, want %+v", o.asked, want)
	}
	s.expect(s.get("/api/v1/forecast"), http.StatusBadRequest)
	s.expect(s.get("/api/v1/forecast?line="+lineA+"/A1"), http.StatusNotFound)
}
