package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"andon/engine"
	"andon/plant"
	"andon/production/review"
)

type stopsBody struct {
	Stops []reviewedBody `json:"stops"`
	More  bool           `json:"more"`
	Next  *string        `json:"next"` // cursor of the next page, null when there is none
}

// serveStops answers with stops as people say they were.
func (s *Server) serveStops(w http.ResponseWriter, r *http.Request) error {
	q := readQuery(r)
	now := plant.At(s.o.Now())
	f := engine.StopQuery{Equipment: s.equipment(q), Window: q.window(), Open: q.truth("open"), NeedsReason: q.truth("needs_reason"),
		Reason: q.text("reason"), States: q.states("state"), Lives: q.lives("life_cycle"), Shift: q.text("shift"),
		Sort:   q.choice("sort", engine.SortTime, engine.SortTime, engine.SortDuration, engine.SortCost),
		Cursor: q.text("cursor"), Limit: q.limit(), Now: now}
	if err := q.done(); err != nil {
		return err
	}
	found, err := s.o.Desk.Stops(r.Context(), f)
	switch {
	case errors.Is(err, engine.ErrBadCursor):
		return badRequest("bad_query", "cursor: "+err.Error())
	case errors.Is(err, engine.ErrTooManyStops):
		return badRequest("too_many_stops", err.Error())
	case err != nil:
		return err
	}
	a := stopsBody{Stops: []reviewedBody{}, More: found.Next != ""}
	for _, v := range found.Stops {
		a.Stops = append(a.Stops, reviewed(v, now))
	}
	if a.More {
		a.Next = &found.Next
	}
	return writeJSON(w, http.StatusOK, a)
}

// equipment reads the equipment that a list is of: that at and below a path,
// or that whose paths a pattern matches; nil for all of the plant.
func (s *Server) equipment(q *query) []*plant.Equipment {
	text := q.text("equipment")
	if text == "" {
		return nil
	}
	pattern := strings.ContainsAny(text, `*?[\`)
	if pattern && !plant.IsPattern(text) {
		q.fail("equipment: want a path, or a pattern such as northfield/*/lineA/**, not %.40q", text)
		return nil
	}
	var all []*plant.Equipment
	for _, eq := range s.o.Tree.Equipment() {
		if pattern && plant.Match(text, eq.Path) || !pattern && below(eq.Path, text) {
			all = append(all, eq)
		}
	}
	if len(all) == 0 && q.err == nil {
		q.err = problem{http.StatusNotFound, "unknown_equipment", "equipment: the plant has no such path, and no equipment that such a pattern matches; see /api/v1/equipment"}
	}
	return all
}

// states reads states of stops with commas between.
func (q *query) states(name string) (out []plant.State) {
	for _, word := range q.words(name) {
		state, ok := plant.ParseState(word)
		if !ok {
			q.fail("%s: want states such as fault, with commas between, not %.40q", name, word)
		}
		out = append(out, state)
	}
	return out
}

// lives reads life cycles with commas between.
func (q *query) lives(name string) (out []review.LifeCycle) {
	for _, word := range q.words(name) {
		life := review.LifeCycle(word)
		if !slices.Contains(review.LifeCycles(), life) {
			q.fail("%s: want life cycles such as needs_reason, with commas between, not %.40q", name, word)
		}
		out = append(out, life)
	}
	return out
}

func (q *query) words(name string) []string {
	if text := q.text(name); text != "" {
		return strings.Split(text, ",")
	}
	return nil
}
