package rules

import (
	"testing"

	"pgregory.net/rapid"

	"andon/plant"
)

func TestTimersEndInTheOrderOfTheirTimesThenIds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const n = 12
		q, model := newTimers(n), map[int32]plant.Instant{}
		for range rapid.IntRange(0, 60).Draw(t, "operations") {
			id := rapid.Int32Range(0, n-1).Draw(t, "id")
			if rapid.Bool().Draw(t, "set") {
				due := plant.Instant(rapid.IntRange(1, 6).Draw(t, "due"))
				q.set(id, due)
				model[id] = due
			} else {
				q.stop(id)
				delete(model, id)
			}
			if got := q.running(id); got != (model[id] != 0) {
				t.Fatalf("timer %d: running %t, want %t", id, got, !got)
			}
		}
		now := plant.Instant(rapid.IntRange(0, 7).Draw(t, "now"))
		for range n + 1 {
			want, found := earliest(model, now)
			id, ok := q.pop(now)
			if ok != found || ok && id != want {
				t.Fatalf("at %d: got timer %d (%t), want %d (%t)", now, id, ok, want, found)
			}
			delete(model, want)
		}
	})
}

func earliest(m map[int32]plant.Instant, now plant.Instant) (best int32, ok bool) {
	for id := int32(0); id < 12; id++ {
		if due := m[id]; due != 0 && due <= now && (!ok || due < m[best]) {
			best, ok = id, true
		}
	}
	return best, ok
}
