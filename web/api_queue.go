package web

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"net/http"

	"andon/plant"
	"andon/queue"
)

// verbReplay is the verb of the audit. It goes to the log and not to the
// stream: the engine has nothing to do with it.
const verbReplay = "queue.replay"

// queued returns the queue, or the problem that there is none.
func (s *Server) queued() (*queue.Queue, error) {
	if s.o.Queue == nil {
		return nil, problem{http.StatusServiceUnavailable, "no_queue", "this andon has no stream to tell of"}
	}
	return s.o.Queue, nil
}

// queueProblem says why something of the queue was not done.
func queueProblem(err error) error {
	switch {
	case errors.Is(err, queue.ErrUnknownArea):
		return problem{http.StatusNotFound, "unknown_area", "area: " + err.Error()}
	case errors.Is(err, queue.ErrBadExport):
		return badRequest("bad_query", err.Error())
	}
	return err
}

// serveQueue answers how the queue stands.
func (s *Server) serveQueue(w http.ResponseWriter, r *http.Request) error {
	q := readQuery(r)
	area := q.text("area")
	if err := q.done(); err != nil {
		return err
	}
	from, err := s.queued()
	if err != nil {
		return err
	}
	stat, err := from.Stat(r.Context(), area)
	if err != nil {
		return queueProblem(err)
	}
	return writeJSON(w, http.StatusOK, stat)
}

type plansBody struct {
	Plans []queue.Plan `json:"plans"`
}

// serveQueuePlan answers what would be written to InfluxDB again.
func (s *Server) serveQueuePlan(w http.ResponseWriter, r *http.Request) error {
	q := readQuery(r)
	area, from := q.text("area"), q.instant("from")
	if from == 0 {
		q.fail("from: want a time of the stream")
	}
	if err := q.done(); err != nil {
		return err
	}
	queue, err := s.queued()
	if err != nil {
		return err
	}
	plans, err := queue.Plan(r.Context(), area, from)
	if err != nil {
		return queueProblem(err)
	}
	return writeJSON(w, http.StatusOK, plansBody{plans})
}

type replayRequest struct {
	User string        `json:"user"`
	Area string        `json:"area"` // name or path, "" for all
	From plant.Instant `json:"from"` // stream time
	Stop bool          `json:"stop"` // end what is being written again, instead of From
}

type replayDone struct {
	Command string       `json:"command"` // as in the log
	User    string       `json:"user"`
	Time    moment       `json:"time"`
	Plans   []queue.Plan `json:"plans"`
}

// serveQueueReplay has a part of the stream written to InfluxDB again, or
// ends that.
func (s *Server) serveQueueReplay(w http.ResponseWriter, r *http.Request) error {
	req, err := readWrite(s, r, func(q *replayRequest) *string { return &q.User })
	if err != nil {
		return err
	}
	from, err := s.queued()
	if err != nil {
		return err
	}
	if (req.From != 0) == req.Stop {
		return badRequest("bad_query", "from: want a time of the stream, or stop")
	}
	if err := checkText("user", req.User, 1, maxUser); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), commandTimeout)
	defer cancel()
	cmd := plant.Command{ID: rand.Text(), Verb: verbReplay, Target: cmp.Or(req.Area, s.o.Tree.Site), User: req.User, Time: plant.At(s.o.Now())}
	plans := []queue.Plan{}
	if req.Stop {
		cmd.Verb += ".stop"
		err = from.StopReplay(ctx, req.Area)
	} else {
		plans, err = from.Replay(ctx, req.Area, req.From)
	}
	s.audit(r, cmd, err)
	if err != nil {
		return queueProblem(err)
	}
	return writeJSON(w, http.StatusOK, replayDone{Command: cmd.ID, User: cmd.User, Time: moment(cmd.Time), Plans: plans})
}
