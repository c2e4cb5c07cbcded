package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"andon/engine"
	"andon/plant"
	"andon/production"
	"andon/store"
)

// KPIs is what the server needs of the KPIs in the records. All methods are
// safe for concurrent use; the errors wrap store.ErrNotFound for places
// without KPIs and engine.ErrNoExplanation for what is not explained.
type KPIs interface {
	Select(ctx context.Context, s engine.Selection) ([]engine.Revision, error)
	Compute(ctx context.Context, path, name string, w plant.Interval) (engine.Revision, error)
	Explain(ctx context.Context, q engine.ExplainQuery) (production.Explanation, error)
}

// maxKPIWindow bounds what one request makes the engine read: the longest
// month.
const maxKPIWindow = 31 * 24 * time.Hour

// revisionsBody is a list of revisions, by start.
type revisionsBody struct {
	Revisions []engine.Revision `json:"revisions"`
	More      bool              `json:"more"`
}

// serveKPIs answers with the KPIs of a place: computed now, as the running
// windows show them, or as they were kept.
func (s *Server) serveKPIs(w http.ResponseWriter, r *http.Request) error {
	q := readQuery(r)
	path := s.place(q)
	window := q.choice("window", "", production.WindowLastHour, production.WindowShift, production.WindowHour, production.WindowDay)
	span := q.window()
	revision := q.text("revision")
	limit := q.limit()
	kept := revision != "" && revision != "0"
	running := window == production.WindowLastHour || window == production.WindowShift
	switch {
	case path == "":
		q.fail("equipment: want the path of equipment, a line, an area or the site")
	case kept && (span.From == 0 || span.To == 0):
		q.fail("revision: want both from and to with it")
	case kept && window == production.WindowLastHour:
		q.fail("window: want hour, shift or day: no others are kept")
	case !kept && window != "" && !running:
		q.fail("window: want last_hour or shift; hour and day go with revision")
	case !kept && window != "" && span != (plant.Interval{}):
		q.fail("window: want either window or from and to")
	case !kept && window == "" && (span.From == 0 || span.To == 0):
		q.fail("window: want last_hour, shift, or both from and to")
	case !kept && span.Duration() > maxKPIWindow:
		q.fail("to: want at most %d days after from", maxKPIWindow/(24*time.Hour))
	}
	sel := engine.Selection{Path: path, Window: window, Span: span, Limit: limit + 1}
	if kept && revision != "stored" {
		n, err := strconv.Atoi(revision)
		if err != nil || n < 1 {
			q.fail("revision: want 0, stored or a number, not %.40q", revision)
		}
		sel.Revision = n
	}
	if err := q.done(); err != nil {
		return err
	}
	if kept {
		return s.revisions(w, r, sel)
	}
	return s.kpiNow(w, r, path, window, span)
}

// kpiNow answers with KPIs that are computed now.
func (s *Server) kpiNow(w http.ResponseWriter, r *http.Request, path, window string, span plant.Interval) error {
	if window == "" {
		found, err := s.o.KPIs.Select(r.Context(), engine.Selection{Path: path, Window: production.WindowRange, Span: span})
		if err != nil {
			return noKPIs(err)
		}
		return writeJSON(w, http.StatusOK, found[0])
	}
	for l := range s.o.Engine.Live() {
		if newEntry(l).path != path {
			continue
		}
		// From the records, for the hash of what they come from.
		running := l.Shift.Interval()
		if window == production.WindowLastHour {
			running = plant.Interval{From: l.Hour.From, To: l.Hour.To}
		}
		now, err := s.o.KPIs.Compute(r.Context(), path, window, running)
		if err != nil {
			return noKPIs(err)
		}
		return writeJSON(w, http.StatusOK, now)
	}
	return problem{http.StatusNotFound, "no_data", "nothing is known of this equipment or line yet"}
}

func (s *Server) revisions(w http.ResponseWriter, r *http.Request, sel engine.Selection) error {
	found, err := s.o.KPIs.Select(r.Context(), sel)
	if err != nil {
		return noKPIs(err)
	}
	a := revisionsBody{Revisions: []engine.Revision{}, More: len(found) >= sel.Limit}
	a.Revisions = append(a.Revisions, found[:min(len(found), sel.Limit-1)]...)
	return writeJSON(w, http.StatusOK, a)
}

// serveKPIHistory answers with all revisions of windows of one place.
func (s *Server) serveKPIHistory(w http.ResponseWriter, r *http.Request) error {
	q := readQuery(r)
	path := s.placeOf(q, "path")
	sel := engine.Selection{Path: path, Revision: engine.AllRevisions,
		Window: q.choice("window", "", production.WindowHour, production.WindowShift, production.WindowDay), Span: q.window(), Limit: q.limit() + 1}
	switch {
	case path == "":
		q.fail("path: want the path of equipment, a line, an area or the site")
	case sel.Span.From == 0 || sel.Span.To == 0:
		q.fail("from: want both from and to")
	}
	if err := q.done(); err != nil {
		return err
	}
	return s.revisions(w, r, sel)
}

// serveExplanation takes one value of the KPIs of a place apart.
func (s *Server) serveExplanation(w http.ResponseWriter, r *http.Request) error {
	q := readQuery(r)
	path, span := s.place(q), q.window()
	kpi := q.text("kpi")
	kind := q.choice("window", production.WindowRange, production.WindowHour, production.WindowShift, production.WindowDay, production.WindowRange)
	switch {
	case path == "":
		q.fail("equipment: want the path of equipment, a line, an area or the site")
	case span.From == 0 || span.To == 0:
		q.fail("from: want both from and to")
	case span.Duration() > maxKPIWindow:
		q.fail("to: want at most %d days after from", maxKPIWindow/(24*time.Hour))
	case kpi == "":
		q.fail("kpi: want the name of a KPI, such as oee_index")
	}
	if err := q.done(); err != nil {
		return err
	}
	x, err := s.o.KPIs.Explain(r.Context(), engine.ExplainQuery{Path: path, KPI: kpi, Window: kind, Span: span})
	if err != nil {
		return noKPIs(err)
	}
	return writeJSON(w, http.StatusOK, x)
}

func noKPIs(err error) error {
	switch {
	case errors.Is(err, store.ErrNotFound):
		return problem{http.StatusNotFound, "no_data", "there are no KPIs of this: its equipment, or the line's constraint, has neither a state nor a counter"}
	case errors.Is(err, engine.ErrNoExplanation):
		return badRequest("bad_query", err.Error())
	}
	return err
}
