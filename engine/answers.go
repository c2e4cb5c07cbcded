package engine

import (
	"context"
	"fmt"

	"andon/bus"
	"andon/plant"
)

// answersWait reports whether somebody waits for a command to be committed.
func (r *runner) answersWait() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.answers) > 0
}

// answerAll tells those who wait what became of their commands.
func (r *runner) answerAll() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, err := range r.answers {
		if w := r.waiting[id]; w != nil {
			w <- err // it has room
			delete(r.waiting, id)
		}
	}
	clear(r.answers)
}

// do puts a command on the stream and waits until it is taken and committed.
func (r *runner) do(ctx context.Context, bus *bus.Bus, cmd plant.Command) error {
	answer := make(chan error, 1)
	r.mu.Lock()
	_, taken := r.waiting[cmd.ID]
	if !taken {
		r.waiting[cmd.ID] = answer
	}
	r.mu.Unlock()
	if taken {
		return fmt.Errorf("command %.64q: somebody waits for one of this id already", cmd.ID)
	}
	defer func() {
		r.mu.Lock()
		delete(r.waiting, cmd.ID)
		r.mu.Unlock()
	}()
	if _, err := bus.Command(ctx, r.area, cmd); err != nil {
		return fmt.Errorf("put command on the stream: %w", err)
	}
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return fmt.Errorf("wait for command %s: %w", cmd.ID, ctx.Err())
	}
}
