package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// settle is how long changes gather before a listener gets them: nobody sees
// faster, and a busy plant changes thousands of times a second.
const settle = 250 * time.Millisecond

// eventWrite bounds one write to a listener; one that takes longer is gone
// and comes back by itself.
const eventWrite = 10 * time.Second

// The topics of live events; each is the name of its event and has one list.
const (
	topicBoard  = "board"
	topicAlarms = "alarms"
	// topicStops has no list: it says that what the page shows changed.
	topicStops = "stops"
)

// A patch is what changed in one topic: the list's order, the items that are
// new or different, and the texts around it. The first one is everything.
type patch struct {
	Now   int64    `json:"now"` // Unix milliseconds
	List  string   `json:"list"`
	Order []string `json:"order"`
	Items []item   `json:"items"`
	Parts []item   `json:"parts"`
}

type heartbeat struct {
	Now   int64  `json:"now"`
	Build string `json:"build"`
}

// A feed is what one listener got of one topic.
type feed struct {
	topic string
	path  string // at and below
	begun bool
	order []string
	sent  map[string]string // id → html, of items and parts
}

// next returns the difference between b and what was sent; ok is false when
// there is none.
func (f *feed) next(b *snapshot) (p patch, ok bool) {
	p = patch{List: f.topic, Order: []string{}, Items: []item{}, Parts: []item{}}
	current := map[string]string{}
	for _, x := range f.items(b) {
		p.Order = append(p.Order, x.ID)
		current[x.ID] = x.HTML
		if old, had := f.sent[x.ID]; !had || old != x.HTML {
			p.Items = append(p.Items, x)
		}
	}
	for _, x := range b.parts(f.path).items(f.topic) {
		current[x.ID] = x.HTML
		if old, had := f.sent[x.ID]; !had || old != x.HTML {
			p.Parts = append(p.Parts, x)
		}
	}
	ok = !f.begun || len(p.Items)+len(p.Parts) > 0 || !slices.Equal(p.Order, f.order)
	f.begun, f.order, f.sent = true, p.Order, current
	return p, ok
}

func (f *feed) items(b *snapshot) []item {
	var all []item
	if f.topic == topicStops {
		return nil
	}
	if f.topic == topicBoard {
		for _, e := range b.equipment {
			if below(e.path, f.path) {
				all = append(all, e.row)
			}
		}
		return all
	}
	for _, a := range b.alarms {
		if below(a.alarm.Equipment, f.path) {
			all = append(all, a.card)
		}
	}
	return all
}

// A listener is one open connection for events.
type listener struct {
	s     *Server
	w     http.ResponseWriter
	rc    *http.ResponseController
	feeds []*feed
}

// serveEvents streams live events until the asker leaves or the server stops.
func (s *Server) serveEvents(w http.ResponseWriter, r *http.Request) error {
	q := readQuery(r)
	topics := strings.Split(q.text("topics"), ",")
	path := s.place(q)
	for _, t := range topics {
		if t != topicBoard && t != topicAlarms && t != topicStops {
			q.fail("topics: want board, alarms, stops or several with a comma, not %.40q", t)
		}
	}
	if err := q.done(); err != nil {
		return err
	}
	select {
	case s.places <- struct{}{}:
		defer func() { <-s.places }()
	default:
		w.Header().Set("Retry-After", "10")
		return problem{http.StatusServiceUnavailable, "too_many_clients", "all places for live pages are taken: see web.max_clients"}
	}
	s.metrics.clients.Inc()
	defer s.metrics.clients.Dec()
	l := &listener{s: s, w: w, rc: http.NewResponseController(w)}
	slices.Sort(topics)
	for _, t := range slices.Compact(topics) {
		l.feeds = append(l.feeds, &feed{topic: t, path: path})
	}
	// The stream outlives the time that a request's body may take.
	if err := l.rc.SetReadDeadline(time.Time{}); err != nil {
		return fmt.Errorf("keep event stream open: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // proxies must pass events on at once
	if err := l.serve(r.Context()); err != nil && r.Context().Err() == nil {
		s.o.Log.Debug("event listener lost", "addr", r.RemoteAddr, "err", err)
	}
	return nil
}

func (l *listener) serve(ctx context.Context) error {
	changed, cancel := l.s.o.Engine.Subscribe()
	defer cancel()
	beat := time.NewTicker(l.s.o.Config.Heartbeat)
	defer beat.Stop()
	settled := time.NewTimer(0) // the first patch goes out at once
	defer settled.Stop()
	if err := l.beat(); err != nil {
		return err
	}
	waiting, dirty := true, time.Now()
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case <-l.s.stop:
			return nil
		case _, ok := <-changed:
			if !ok {
				return nil // the engine ended
			}
			dirty = time.Now()
			if !waiting {
				settled.Reset(settle)
				waiting = true
			}
		case <-settled.C:
			waiting = false
			err = l.send(ctx, dirty)
		case <-beat.C:
			if err = l.beat(); err == nil {
				// Trouble in andon itself changes nothing in the engine.
				err = l.send(ctx, time.Now().Add(-l.s.o.Config.Heartbeat/2))
			}
		}
		if err != nil {
			return err
		}
	}
}

// send writes what changed, from a snapshot not older than notBefore.
func (l *listener) send(ctx context.Context, notBefore time.Time) error {
	b, err := l.s.board(ctx, notBefore)
	if err != nil {
		return err
	}
	for _, f := range l.feeds {
		p, ok := f.next(b)
		if !ok {
			continue
		}
		p.Now = l.s.o.Now().UnixMilli()
		if err := write(l, f.topic, p); err != nil {
			return err
		}
	}
	return nil
}

func (l *listener) beat() error {
	return write(l, "heartbeat", heartbeat{Now: l.s.o.Now().UnixMilli(), Build: l.s.assets.build})
}

// write sends one event.
func write[T any](l *listener, event string, data T) error {
	body, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("encode event: %w", err)
	}
	if err := l.rc.SetWriteDeadline(time.Now().Add(eventWrite)); err != nil {
		return fmt.Errorf("bound event write: %w", err)
	}
	if _, err := fmt.Fprintf(l.w, "event: %s\nretry: 2000\ndata: %s\n\n", event, body); err != nil {
		return fmt.Errorf("write event: %w", err)
	}
	if err := l.rc.Flush(); err != nil {
		return fmt.Errorf("write event: %w", err)
	}
	// HTTP/2 ends a stream whose deadline passes while nothing is written.
	if err := l.rc.SetWriteDeadline(time.Time{}); err != nil {
		return fmt.Errorf("unbound event stream: %w", err)
	}
	l.s.metrics.events.WithLabelValues(event).Inc()
	return nil
}
