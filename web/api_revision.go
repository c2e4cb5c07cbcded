package web

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"andon/plant"
	"andon/production/review"
)

// Two people may look at the same stop. Who names the revision that they saw
// is told when somebody else said something since, instead of overwriting it.

// A currentBody is what there is now.
type currentBody struct {
	Revision int64         `json:"revision"`
	Last     lastSaid      `json:"last"`
	Stop     *reviewedBody `json:"stop,omitempty"` // where the command speaks of stops
}

// A lastSaid is the last thing that somebody said.
type lastSaid struct {
	Edit string `json:"edit"` // id
	User string `json:"user"`
	Time moment `json:"time"`
	Text string `json:"text"`
}

// A changedProblem refuses to overwrite what somebody said in between.
type changedProblem struct {
	problem
	current currentBody
}

// Unwrap returns the problem without what there is now.
func (p changedProblem) Unwrap() error { return p.problem }

// currentOf returns what there is now, when err tells it.
func currentOf(err error) *currentBody {
	var p changedProblem
	if !errors.As(err, &p) {
		return nil
	}
	return &p.current
}

// changed tells what there is now.
func (s *Server) changed(r *http.Request, err *review.ChangedError) error {
	p := changedProblem{problem: problem{http.StatusConflict, "changed", err.Error()}}
	p.current = currentBody{Revision: err.Last.Seq, Last: lastSaid{err.Last.ID, err.Last.User, moment(err.Last.Time), err.Text}}
	now := plant.At(s.o.Now())
	// A stop that was split or merged in the meantime is told, too, as it is.
	if v, _, err := s.o.Desk.Stop(r.Context(), err.Stop, now); err == nil {
		b := reviewed(v, now)
		p.current.Stop = &b
	}
	return p
}

// seen reads the revision that the editor saw: of the body or the header
// If-Match.
func (req *reviewRequest) seen(r *http.Request) error {
	text := r.Header.Get("If-Match")
	if text == "" {
		return nil
	}
	// A proxy that compresses makes the ETag a weak one.
	n, err := strconv.ParseInt(strings.Trim(strings.TrimPrefix(text, "W/"), `"`), 10, 64)
	if err != nil || n < 0 {
		return badRequest("bad_revision", fmt.Sprintf("If-Match: want the ETag of the stop, such as \"17\", not %.40q", text))
	}
	if req.Revision != nil && *req.Revision != n {
		return badRequest("bad_revision", "revision: it is not that of If-Match")
	}
	req.Revision = &n
	return nil
}

// at sets the revisions that the editor saw of the stops.
func (req *reviewRequest) at(refs []review.Ref) error {
	if req.Revision != nil && len(refs) > 1 {
		return badRequest("bad_revision", "revision: want revisions with one for each stop")
	}
	named := map[string]bool{}
	for i := range refs {
		id := refs[i].Stop
		refs[i].Revision = cmp.Or(req.Revisions[id], req.Revision)
		named[id] = true
	}
	for id, n := range req.Revisions {
		if !named[id] || n == nil {
			return badRequest("bad_revision", fmt.Sprintf("revisions: want a number for stops of this request, not for %.64q", id))
		}
	}
	return nil
}
