package web

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"andon/engine"
	"andon/plant"
)

type recomputeRequest struct {
	User string `json:"user"`
	engine.RecomputeArgs
}

type recomputeDone struct {
	Command string `json:"command"` // id of the command on the stream
	User    string `json:"user"`
	Time    moment `json:"time"`
	Why     string `json:"why"` // what the new revisions say
}

// serveRecompute has kept KPIs computed again. The answer comes when that is
// in the records to be done; the revisions follow.
func (s *Server) serveRecompute(w http.ResponseWriter, r *http.Request) error {
	req, err := readWrite(s, r, func(q *recomputeRequest) *string { return &q.User })
	if err != nil {
		return err
	}
	cmd := plant.Command{ID: rand.Text(), Verb: engine.VerbRecompute, Target: s.areaOf(req.Equipment), User: req.User, Time: plant.At(s.o.Now())}
	req.Reason = strings.TrimSpace(req.Reason)
	if err := errors.Join(checkText("user", cmd.User, 1, maxUser), checkText("reason", req.Reason, 1, maxComment)); err != nil {
		return err
	}
	if cmd.Target == "" {
		return problem{http.StatusNotFound, "unknown_equipment", "equipment: want a pattern of paths of the plant; see /api/v1/equipment"}
	}
	if cmd.Args, err = json.Marshal(req.RecomputeArgs); err != nil {
		return fmt.Errorf("encode args: %w", err)
	}
	if err := s.command(r, cmd); errors.Is(err, engine.ErrBadRecompute) {
		return badRequest("bad_query", err.Error())
	} else if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, recomputeDone{Command: cmd.ID, User: cmd.User, Time: moment(cmd.Time), Why: engine.RecomputeWhy(cmd.User, req.Reason)})
}

// areaOf returns the path of the first area that a pattern, "" for all, is
// about; "" when there is none.
func (s *Server) areaOf(pattern string) string {
	means := func(path string) bool { return pattern == "" || pattern == path || plant.Match(pattern, path) }
	for _, area := range s.o.Tree.Areas {
		if means(s.o.Tree.Site) || means(area.Path) {
			return area.Path
		}
		for _, line := range area.Lines {
			if means(line.Path) {
				return area.Path
			}
			for _, eq := range line.Equipment {
				if means(eq.Path) {
					return area.Path
				}
			}
		}
	}
	return ""
}
