package opcua_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/collectortest"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// The server kept three messages full of values while the link was cut. Each
// says that a state is over, so nothing may say in between that it goes on.
func TestAContactNeverOvertakesWhatTheServerKept(t *testing.T) {
	t.Parallel()
	const kept = 1000
	r := newRig(t, opcuatest.Options{})
	var tags []*plant.Tag
	for i := range 3 {
		tags = append(tags, r.add(fmt.Sprintf("Total%d", i), plant.KindInt, int64(0)))
	}
	r.supervise()
	for _, tag := range tags {
		r.sink.WaitValue(t, tag, plant.Int(0))
	}
	for range 3 {
		r.sink.Reset()
		r.server.Intercept(fault[*ua.CreateSessionRequest](1, ua.StatusBadTooManySessions)) // away
		r.server.Cut()
		cut := plant.At(time.Now()) // a contact from before says nothing of what was kept
		later := func(c plant.Contact) bool { return c.Time >= cut }
		for i := range int64(kept) {
			for _, tag := range tags {
				r.set(tag, i+1, 0)
			}
		}
		r.server.Intercept(nil)
		r.sink.Wait(t, "a contact", func(s *collectortest.Sink) bool { return slices.ContainsFunc(s.Contacts(), later) })
		last := map[*plant.Tag]plant.Value{}
		for _, b := range r.sink.Batches() {
			for _, s := range b.Samples {
				last[s.Tag] = s.Value
			}
			if slices.ContainsFunc(b.Contacts, later) {
				break
			}
		}
		for _, tag := range tags {
			if got, want := last[tag], plant.Int(kept); got != want {
				t.Fatalf("%s at the first contact: got %s, want %s", tag.Name, got, want)
			}
		}
		for _, tag := range tags {
			r.set(tag, int64(0), 0)
		}
		r.sink.WaitValue(t, tags[2], plant.Int(0))
	}
}

// However wrong a server's clocks are, its equipment is known now.
func TestAServerWithWrongClocksIsSeenAlive(t *testing.T) {
	t.Parallel()
	slow := func() time.Time { return time.Now().Add(-time.Hour) }
	for name, o := range map[string]opcuatest.Options{
		"an hour slow":               {Clock: slow},
		"an hour fast":               {Clock: func() time.Time { return time.Now().Add(time.Hour) }},
		"no time of publishing":      {Published: func() time.Time { return time.Time{} }},
		"no time at all":             {Clock: func() time.Time { return time.Time{} }},
		"publishes later than it is": {Published: func() time.Time { return time.Now().Add(time.Hour) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, o)
			r.add("Total", plant.KindInt, int64(0))
			began := time.Now()
			r.start()
			r.sink.Wait(t, "a contact", func(s *collectortest.Sink) bool { return len(s.Contacts()) > 0 })
			if got := r.sink.Contacts()[0].Time.Time(); got.Before(began) || got.After(time.Now()) {
				t.Errorf("contact at %s, want it between %s and now", got, began)
			}
		})
	}
}

// What is played at eighty times its speed, beginning hours ago, is known up
// to where the play is.
func TestAPlantThatPlaysThePastIsKnownUpToWhereItIs(t *testing.T) {
	t.Parallel()
	began := time.Now()
	plays := func() time.Time { return began.Add(80*time.Since(began) - 5*time.Hour) }
	r := newRig(t, opcuatest.Options{Published: plays})
	r.add("Total", plant.KindInt, int64(0))
	r.start()
	r.sink.Wait(t, "three contacts", func(s *collectortest.Sink) bool { return len(s.Contacts()) >= 3 })
	contacts := r.sink.Contacts()
	for i, c := range contacts {
		if at := c.Time.Time(); at.After(plays()) || i > 0 && c.Time <= contacts[i-1].Time {
			t.Errorf("contact %d at %s: want them in order and none after %s", i, at, plays())
		}
	}
	if last := contacts[2].Time.Time(); last.Before(began.Add(-5 * time.Hour)) {
		t.Errorf("contact at %s, before the play began", last)
	}
}

// Some servers number their keep-alives like messages. There is nothing to ask
// for again, and equipment that does not change is known all the same.
func TestAServerThatNumbersItsKeepAlivesIsSeenAlive(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{CountsKeepAlives: true})
	tag := r.add("Total", plant.KindInt, int64(0))
	r.start()
	r.sink.WaitValue(t, tag, plant.Int(0))
	r.sink.Reset()
	began := time.Now()
	r.sink.Wait(t, "two contacts", func(s *collectortest.Sink) bool { return len(s.Contacts()) >= 2 })
	for i, c := range r.sink.Contacts() {
		if at := c.Time.Time(); at.After(time.Now()) || i > 0 && at.Before(began) {
			t.Errorf("contact %d at %s, want it between %s and now", i, at, began)
		}
	}
	r.count(tag, 1, 20)
}
