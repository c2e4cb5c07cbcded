package web

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"andon/engine"
	"andon/plant"
	"andon/production/review"
)

// A reviewRequest is what a person says of stops or counts. Each address uses
// its own part.
type reviewRequest struct {
	User      string        `json:"user"`
	Comment   string        `json:"comment"`
	Reason    string        `json:"reason"`
	At        plant.Instant `json:"at"`
	Stops     []string      `json:"stops"` // ids
	Equipment string        `json:"equipment"`
	From      plant.Instant `json:"from"`
	To        plant.Instant `json:"to"`
	// Revision is what the person saw, of the stop or of the time; Revisions
	// are those of several stops, by id.
	Revision  *int64            `json:"revision"`
	Revisions map[string]*int64 `json:"revisions"`
	review.Adjustment
}

type saidBody struct {
	Command string `json:"command"` // id; undo takes it, too
	User    string `json:"user"`
	Time    moment `json:"time"`
}

// maxEditWindow bounds the time that is signed off or whose counts are adjusted
// at once: the longest month.
const maxEditWindow = 31 * 24 * time.Hour

// maxStopsAtOnce bounds the stops of one request.
const maxStopsAtOnce = 100

// hear reads who says what.
func (s *Server) hear(r *http.Request) (reviewRequest, error) {
	req, err := readWrite(s, r, func(q *reviewRequest) *string { return &q.User })
	if err != nil {
		return req, err
	}
	req.Comment = strings.TrimSpace(req.Comment)
	if err := checkText("user", req.User, 1, maxUser); err != nil {
		return req, err
	}
	if err := req.seen(r); err != nil {
		return req, err
	}
	return req, checkText("comment", req.Comment, 0, maxComment)
}

// say gives the command and answers with it.
func (s *Server) say(w http.ResponseWriter, r *http.Request, cmd plant.Command, args review.CommandArgs) error {
	cmd, err := s.speak(r, cmd, args)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, saidBody{Command: cmd.ID, User: cmd.User, Time: moment(cmd.Time)})
}

// speak gives the command, after a look at whether it would do anything.
func (s *Server) speak(r *http.Request, cmd plant.Command, args review.CommandArgs) (plant.Command, error) {
	if args.To > args.From.Add(maxEditWindow) {
		return cmd, badRequest("bad_window", fmt.Sprintf("to: want at most %d days after from", maxEditWindow/(24*time.Hour)))
	}
	body, err := json.Marshal(args)
	if err != nil {
		return cmd, fmt.Errorf("encode args: %w", err)
	}
	cmd.ID, cmd.Time, cmd.Args = rand.Text(), plant.At(s.o.Now()), body
	if err := s.o.Desk.Try(r.Context(), cmd, cmd.Time); err != nil {
		return cmd, s.reviewProblem(r, err)
	}
	if err := s.command(r, cmd); err != nil {
		return cmd, s.reviewProblem(r, err)
	}
	return cmd, nil
}

func (s *Server) reviewProblem(r *http.Request, err error) error {
	var refused *review.RefusedError
	var changed *review.ChangedError
	var undone *review.UndoneError
	var stale *engine.StaleError
	switch {
	case errors.As(err, &changed):
		return s.changed(r, changed)
	case errors.As(err, &undone):
		return problem{http.StatusConflict, "no_effect", undone.Error()}
	case errors.As(err, &refused):
		return badRequest("refused", refused.Error())
	case errors.As(err, &stale):
		return problem{http.StatusConflict, "no_effect", stale.Error()}
	}
	return err
}

// serveStopEdit says something of one stop, that of the address, or of those
// that the body lists.
func (s *Server) serveStopEdit(kind review.Kind) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		req, err := s.hear(r)
		if err != nil {
			return err
		}
		ids := req.Stops
		if id := r.PathValue("id"); id != "" {
			ids = []string{id}
		}
		refs, err := s.refs(r, ids)
		if err != nil {
			return err
		}
		if err := req.at(refs); err != nil {
			return err
		}
		return s.say(w, r, plant.Command{Verb: review.VerbPrefix + string(kind), Target: refs[0].Equipment, User: req.User, Comment: req.Comment},
			review.CommandArgs{Reason: req.Reason, At: req.At, Stops: refs})
	}
}

// refs finds the stops of one request, of which there must be some.
func (s *Server) refs(r *http.Request, ids []string) ([]review.Ref, error) {
	if len(ids) == 0 || len(ids) > maxStopsAtOnce {
		return nil, badRequest("bad_body", fmt.Sprintf("stops: want 1 to %d ids", maxStopsAtOnce))
	}
	var refs []review.Ref
	for _, id := range ids {
		v, _, err := s.o.Desk.Stop(r.Context(), id, plant.At(s.o.Now()))
		if err != nil {
			return nil, err
		}
		if v.Life == review.LifeReplaced {
			return nil, problem{http.StatusConflict, "no_effect", "the stop was split or merged; speak of " + strings.Join(append(v.Children, v.Parent), " ")}
		}
		refs = append(refs, review.Ref{Equipment: v.Equipment, Stop: v.ID, Start: v.From, End: v.To, Was: review.WasOf(v.Stop)})
	}
	return refs, nil
}

// serveWindowEdit signs off or adjusts the counts of a time.
func (s *Server) serveWindowEdit(kind review.Kind) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		req, err := s.hear(r)
		if err != nil {
			return err
		}
		if !s.paths[req.Equipment] {
			return problem{http.StatusNotFound, "unknown_equipment", "equipment: the plant has no such path; see /api/v1/equipment"}
		}
		verb := review.VerbPrefix + string(kind)
		if kind == review.KindAdjust {
			verb = review.VerbAdjust
		}
		args := review.CommandArgs{From: req.From, To: req.To, Adjustment: req.Adjustment, Ref: review.Ref{Revision: req.Revision}}
		if kind == review.KindAdjust && args.To <= args.From.Add(maxEditWindow) {
			if args.Was, err = s.o.Desk.CountedIn(r.Context(), req.Equipment, plant.Interval{From: req.From, To: req.To}); err != nil {
				return err
			}
		}
		return s.say(w, r, plant.Command{Verb: verb, Target: req.Equipment, User: req.User, Comment: req.Comment}, args)
	}
}

// serveUndo takes back an edit, or all of one command.
func (s *Server) serveUndo(w http.ResponseWriter, r *http.Request) error {
	req, err := s.hear(r)
	if err != nil {
		return err
	}
	row, err := s.o.Store.Edit(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.say(w, r, plant.Command{Verb: review.VerbPrefix + string(review.KindUndo), Target: row.Equipment, User: req.User, Comment: req.Comment},
		review.CommandArgs{Edit: r.PathValue("id"), Ref: review.Ref{Revision: req.Revision}})
}
