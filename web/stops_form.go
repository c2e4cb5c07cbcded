package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"andon/plant"
	"andon/production/review"
)

// oneStopPage goes to the shift of one stop, for links from elsewhere.
func (s *Server) oneStopPage(w http.ResponseWriter, r *http.Request) error {
	if err := readQuery(r).done(); err != nil {
		return err
	}
	stop, _, err := s.o.Desk.Stop(r.Context(), r.PathValue("what"), plant.At(s.o.Now()))
	if err != nil {
		return err
	}
	to := url.Values{"equipment": {stop.Equipment}, "at": {stop.From.String()}, "stop": {stop.ID}}
	http.Redirect(w, r, "/stops?"+to.Encode()+"#s-"+url.PathEscape(stop.ID), http.StatusSeeOther)
	return nil
}

// stopsForm says something from the page: the last part of the address is
// what. Afterwards the person is back where they were; what was refused is
// told on top of the page.
func (s *Server) stopsForm(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	kind := review.Kind(r.PathValue("what"))
	if !formKinds(kind) {
		return problem{http.StatusNotFound, "not_found", "there is nothing at this address"}
	}
	next := localPath(r.PostForm.Get("next"), "/stops")
	who, err := s.admit(r)
	if err != nil && asProblem(err).status == http.StatusUnauthorized {
		http.Redirect(w, r, "/login?next="+url.QueryEscape(next), http.StatusSeeOther)
		return nil
	}
	if err != nil {
		return err
	}
	if who.program {
		return badRequest("want_session", "programs speak of stops at /api/v1/stops")
	}
	at, err := s.formCommand(r, kind, who.user)
	if err != nil {
		return s.refuseForm(w, r, next, err)
	}
	if at != "" {
		next += "#s-" + url.PathEscape(at)
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

// formKinds reports whether the page has a form for a kind.
func formKinds(k review.Kind) bool {
	switch k {
	case review.KindAssign, review.KindComment, review.KindSplit, review.KindMerge, review.KindNotDowntime, review.KindReview,
		review.KindDispute, review.KindReopen, review.KindSignOff, review.KindUndo:
		return true
	}
	return false
}

// refuseForm shows the page again with why nothing was done.
func (s *Server) refuseForm(w http.ResponseWriter, r *http.Request, next string, err error) error {
	p := asProblem(err)
	page, parseErr := url.Parse(next)
	if p.status >= http.StatusInternalServerError || parseErr != nil || page.Path != "/stops" {
		return err
	}
	s.metrics.refused.WithLabelValues(p.code).Inc()
	if now := currentOf(err); now != nil {
		p.message = s.meantime(now)
	}
	again := r.Clone(r.Context())
	again.Method, again.URL = http.MethodGet, page
	return s.showStops(w, again, p.status, p.message)
}

// formCommand gives the command of a form and returns the stop to go back to,
// "" for none.
func (s *Server) formCommand(r *http.Request, kind review.Kind, user string) (string, error) {
	f := r.PostForm
	comment := strings.TrimSpace(f.Get("comment"))
	if err := checkText("comment", comment, 0, maxComment); err != nil {
		return "", err
	}
	cmd := plant.Command{Verb: review.VerbPrefix + string(kind), User: user, Comment: comment}
	seen, err := seenBy(f, kind)
	if err != nil {
		return "", err
	}
	switch kind {
	case review.KindSignOff:
		return "", s.signOffForm(r, cmd, seen)
	case review.KindUndo:
		row, err := s.o.Store.Edit(r.Context(), f.Get("edit"))
		if err != nil {
			return "", err
		}
		cmd.Target = row.Equipment
		_, err = s.speak(r, cmd, review.CommandArgs{Edit: f.Get("edit"), Ref: review.Ref{Revision: seen}})
		return "", err
	}
	ids, reason := chosen(f)
	if len(ids) == 0 {
		return "", badRequest("no_stop", "choose a stop first")
	}
	if kind == review.KindAssign && reason == "" {
		return "", badRequest("no_reason", "choose a reason")
	}
	refs, err := s.seenRefs(r, ids, seen)
	if err != nil {
		return "", err
	}
	cmd.Target = refs[0].Equipment
	args := review.CommandArgs{Reason: reason, Stops: refs}
	if kind == review.KindSplit {
		if args.At, err = timeIn(f.Get("at"), refs[0].Start, s.o.Tree.Zone); err != nil {
			return "", err
		}
	}
	_, err = s.speak(r, cmd, args)
	return ids[0], err
}

// chosen returns the stops that a form speaks of and the reason that it gives.
func chosen(f url.Values) (ids []string, reason string) {
	if give := f.Get("give"); give != "" { // a button in the list: stop and reason
		id, reason, _ := strings.Cut(give, " ")
		return []string{id}, reason
	}
	return f["stop"], f.Get("reason")
}

// timeIn finds the instant after start that a time of day at the site means,
// or a day and a time. In the night that has an hour twice it is the first
// that comes after start.
func timeIn(text string, start plant.Instant, zone *time.Location) (plant.Instant, error) {
	for _, layout := range []string{"15:04:05", "15:04", "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		t, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		from := start.Time().In(zone)
		year, month, day := from.Date()
		if len(layout) > len("15:04:05") {
			year, month, day = t.Date()
		}
		at := time.Date(year, month, day, t.Hour(), t.Minute(), t.Second(), 0, zone)
		for _, later := range []time.Duration{-time.Hour, 0, time.Hour} {
			if same := at.Add(later); same.Hour() == at.Hour() && same.After(from) {
				return plant.At(same), nil
			}
		}
		if len(layout) <= len("15:04:05") { // after midnight
			at = time.Date(year, month, day+1, t.Hour(), t.Minute(), t.Second(), 0, zone)
		}
		return plant.At(at), nil
	}
	return 0, badRequest("bad_at", "at: want a time of day such as 08:21:40, or a day and a time such as 2026-03-02T08:21:40")
}

// signOffForm signs off the window that the form names, once the person said
// that they are sure.
func (s *Server) signOffForm(r *http.Request, cmd plant.Command, seen *int64) error {
	f := r.PostForm
	if f.Get("sure") != "yes" {
		return badRequest("not_sure", "tick that you looked at the stops, then sign off")
	}
	cmd.Target = f.Get("equipment")
	if !s.paths[cmd.Target] {
		return problem{http.StatusNotFound, "unknown_equipment", "equipment: the plant has no such path"}
	}
	args := review.CommandArgs{Ref: review.Ref{Revision: seen}}
	for _, x := range []struct {
		name string
		to   *plant.Instant
	}{{"from", &args.From}, {"to", &args.To}} {
		t, err := time.Parse(time.RFC3339Nano, f.Get(x.name))
		if err != nil {
			return badRequest("bad_"+x.name, x.name+": want a time such as 2026-03-02T08:00:00Z")
		}
		*x.to = plant.At(t)
	}
	_, err := s.speak(r, cmd, args)
	return err
}
