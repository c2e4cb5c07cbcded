package outbox

import (
	"context"
	"slices"
	"sync"
	"time"

	"andon/alerts"
	"andon/plant"
)

var _ Queue = (*Memory)(nil)

// A Memory is a queue that no disk holds, for what must be told while nothing
// can be written. It is lost with the process. It holds each message once, so
// it is as long as there are alarms, steps and contacts. All methods are safe
// for concurrent use.
type Memory struct {
	mu   sync.Mutex // guards the following
	all  []*Delivery
	held map[string]bool // by alarm
	gone map[string]bool // by alarm, until the last of its messages is out
}

// NewMemory returns an empty queue.
func NewMemory() *Memory { return &Memory{held: map[string]bool{}, gone: map[string]bool{}} }

// Add queues messages, but none of an id that is there.
func (q *Memory) Add(messages []alerts.Message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, m := range messages {
		if !slices.ContainsFunc(q.all, func(d *Delivery) bool { return d.Message.ID == m.ID }) {
			q.all = append(q.all, &Delivery{Message: m, State: Queued})
		}
	}
}

// Due returns each contact's oldest message, as a Queue does. Those of held
// alarms wait, and let others pass.
func (q *Memory) Due(_ context.Context, now time.Time, n int) ([]Delivery, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	seen := map[string]bool{}
	var due []Delivery
	for _, d := range q.all {
		waits := d.State == Sending || d.State == Queued && !q.held[d.Message.Alarm]
		if !waits || seen[d.Message.To] || len(due) >= n {
			continue
		}
		seen[d.Message.To] = true
		if d.NextAt <= plant.At(now) {
			due = append(due, *d)
		}
	}
	return due, nil
}

// Mark notes how far a delivery is.
func (q *Memory) Mark(_ context.Context, d Delivery) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, x := range q.all {
		if x.Message.ID == d.Message.ID {
			*x = d
		}
	}
	q.sweep()
	return nil
}

// Hold keeps the messages of an alarm that did not leave yet and returns who
// has been told, or is being told, of it. Release or Drop must follow.
func (q *Memory) Hold(alarm string) (told []string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.held[alarm] = true
	for _, d := range q.all {
		begun := d.State == Sending || d.State == Sent
		if d.Message.Alarm == alarm && begun && !slices.Contains(told, d.Message.To) {
			told = append(told, d.Message.To)
		}
	}
	return told
}

// Release lets the messages of an alarm go on.
func (q *Memory) Release(alarm string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.held, alarm)
}

// Drop takes out those messages of an alarm that are not on their way; another
// queue has them now. Those that are stay until they are out.
func (q *Memory) Drop(alarm string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.held, alarm)
	q.gone[alarm] = true
	q.all = slices.DeleteFunc(q.all, func(d *Delivery) bool { return d.Message.Alarm == alarm && d.State == Queued })
	q.sweep()
}

// sweep takes out what is done of dropped alarms. q.mu is held.
func (q *Memory) sweep() {
	left := map[string]bool{}
	q.all = slices.DeleteFunc(q.all, func(d *Delivery) bool {
		if !q.gone[d.Message.Alarm] {
			return false
		}
		done := d.State == Sent || d.State == Dead
		if !done {
			left[d.Message.Alarm] = true
		}
		return done
	})
	q.gone = left
}
