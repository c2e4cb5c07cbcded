package web

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"andon/engine"
	"andon/plant"
	"andon/production"
	"andon/production/review"
)

// A reviewedBody is a stop with what people said of it.
type reviewedBody struct {
	stopBody
	review.Detail
	Cost     production.Amount `json:"cost"`
	Revision int64             `json:"revision"` // rises with all that is said of the stop or its time
}

func reviewed(v engine.StopView, now plant.Instant) reviewedBody {
	b := reviewedBody{Detail: v.Detail, Cost: v.Cost, Revision: v.Revision}
	b.stopBody = stopBody{ID: v.ID, Equipment: v.Equipment, From: moment(v.From), To: moment(v.To),
		Duration: production.Seconds(v.Duration(now)), Excluded: production.Seconds(v.Excluded),
		stopFields: stopFields{State: v.State.String(), Loss: v.Loss.String(), Category: string(v.Category), Reason: v.Reason,
			ReasonName: v.ReasonName, ReasonSource: v.ReasonSource, Code: v.Code, Micro: v.Micro, Planned: v.Planned, Failure: v.Failure,
			Provisional: v.Provisional, Culprit: v.Culprit, CulpritChain: v.CulpritChain, Confidence: v.CulpritConfidence, Product: v.Product, Order: v.Order, Shift: v.Shift}}
	// Lists are never null in the API.
	b.ReasonPath, b.Children = append([]string{}, v.ReasonPath...), append([]string{}, v.Children...)
	b.Comments, b.Edits = append([]review.Comment{}, v.Comments...), append([]string{}, v.Edits...)
	return b
}

// An editBody is one thing that somebody said.
type editBody struct {
	review.Edit
	Text       string `json:"text"`
	Stale      string `json:"stale"`
	Undone     string `json:"undone"`
	Correction bool   `json:"correction"`
	Broken     string `json:"broken"`
}

func editBodies(all []engine.EditView) []editBody {
	out := []editBody{}
	for _, v := range all {
		out = append(out, editBody{v.Edit, v.Text, v.Status.Stale, v.Status.Undone, v.Status.Correction, v.Broken})
	}
	return out
}

type stopHistory struct {
	Stop    reviewedBody `json:"stop"`
	History []editBody   `json:"history"` // in the order in which it was said
}

// serveStop answers with one stop and everything said of its time.
func (s *Server) serveStop(w http.ResponseWriter, r *http.Request) error {
	if err := readQuery(r).done(); err != nil {
		return err
	}
	now := plant.At(s.o.Now())
	v, history, err := s.o.Desk.Stop(r.Context(), r.PathValue("id"), now)
	if err != nil {
		return err
	}
	w.Header().Set("ETag", strconv.Quote(strconv.FormatInt(v.Revision, 10)))
	return writeJSON(w, http.StatusOK, stopHistory{reviewed(v, now), editBodies(history)})
}

type editsBody struct {
	Edits  []editBody     `json:"edits"`
	More   bool           `json:"more"`   // there are earlier ones
	Next   *string        `json:"next"`   // cursor of the page with them, null when there is none
	Chains []engine.Chain `json:"chains"` // one for each area, checked now
}

// serveEdits answers with what people said, for audits.
func (s *Server) serveEdits(w http.ResponseWriter, r *http.Request) error {
	q := readQuery(r)
	f := engine.EditQuery{Path: s.place(q), Window: q.window(), Cursor: q.text("cursor"), Limit: q.limit()}
	if err := q.done(); err != nil {
		return err
	}
	page, err := s.o.Desk.Edits(r.Context(), f)
	if errors.Is(err, engine.ErrBadCursor) {
		return badRequest("bad_query", "cursor: "+err.Error())
	}
	if err != nil {
		return err
	}
	chains, err := s.o.Desk.Chains(r.Context())
	if err != nil {
		return err
	}
	a := editsBody{Edits: editBodies(page.Edits), More: page.Next != "", Chains: append([]engine.Chain{}, chains...)}
	if a.More {
		a.Next = &page.Next
	}
	return writeJSON(w, http.StatusOK, a)
}

// A reasonBody is a reason that people can choose.
type reasonBody struct {
	ID              string `json:"id"`
	Name            string `json:"name"`
	Parent          string `json:"parent"`
	Group           bool   `json:"group"`
	Category        string `json:"category"`
	CountsAgainst   string `json:"counts_against"`
	RequiresComment bool   `json:"requires_comment"`
	Owner           string `json:"owner"`
	Uses            int    `json:"uses"`
}

type reasonsBody struct {
	Suggested []review.Suggestion `json:"suggested"`
	Reasons   []reasonBody        `json:"reasons"` // the most used of late first
}

// serveReasons answers with the reasons of one equipment.
func (s *Server) serveReasons(w http.ResponseWriter, r *http.Request) error {
	q := readQuery(r)
	path, stop, at := s.place(q), q.text("stop"), q.instant("at")
	if path == "" || s.o.Tree.FindEquipment(path) == nil {
		q.fail("equipment: want the path of one equipment")
	}
	if err := q.done(); err != nil {
		return err
	}
	if at == 0 {
		at = plant.At(s.o.Now().Truncate(time.Second))
	}
	found, suggested, err := s.o.Desk.Reasons(r.Context(), path, stop, at)
	if err != nil {
		return err
	}
	a := reasonsBody{Suggested: append([]review.Suggestion{}, suggested...), Reasons: []reasonBody{}}
	for _, x := range found {
		a.Reasons = append(a.Reasons, reasonBody{ID: x.ID, Name: x.Title(), Parent: x.Parent, Group: x.Group, Category: string(x.Category),
			CountsAgainst: string(x.CountsAgainst), RequiresComment: x.RequiresComment, Owner: x.Owner, Uses: x.Uses})
	}
	return writeJSON(w, http.StatusOK, a)
}
