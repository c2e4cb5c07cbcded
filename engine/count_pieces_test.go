package engine

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
	"andon/rules"
)

// A moulder is the hours of B1 with a rule that counts its faults.
type moulder struct {
	t       *testing.T
	tree    *plant.Tree
	cfg     Config
	samples []plant.Sample // in the order in which they come
}

func newMoulder(t *testing.T, offDelay time.Duration) *moulder {
	f := &moulder{t: t, tree: Northfield(t), cfg: NorthfieldConfig()}
	f.cfg.Rules.Rules = []rules.Rule{{ID: "chronic", Class: plant.ClassMaintenance, Priority: plant.PriorityHigh, Kind: rules.KindCount, Equipment: productiontest.B1,
		States: []string{"fault"}, Reason: "E-*", Count: 2, Within: 10 * time.Minute, SameReason: true, OffDelay: offDelay, Response: "Find the cause."}}
	f.cfg.Production.Reasons = append(f.cfg.Production.Reasons, production.Reason{ID: "E-204", Equipment: productiontest.B1, Codes: []string{"E-204"}, Category: production.CategoryFault})
	return f
}

// is has B1 be in a state from a time on, with a fault code.
func (f *moulder) is(after time.Duration, state, code string) {
	at := productiontest.Start.Add(after)
	f.samples = append(f.samples, plant.Sample{Tag: f.tree.Tag(productiontest.B1 + "/alarm_id"), Value: plant.Text(code), Time: at},
		plant.Sample{Tag: f.tree.Tag(productiontest.B1 + "/state"), Value: plant.Text(state), Time: at})
}

// told delivers the samples in pieces that next gives the ends of, restarts
// after each where wanted, and writes down what the rule said.
func (f *moulder) told(end time.Duration, restart bool, next func(after time.Duration) time.Duration) string {
	c := f.core()
	var out []string
	rest := f.samples
	for after := time.Duration(0); after < end; {
		from := after
		after = min(next(after), end)
		now := productiontest.Start.Add(after)
		m := plant.Message{Kind: plant.KindTelemetry, Time: now}
		for len(rest) > 0 && rest[0].Time <= now {
			m.Samples, rest = append(m.Samples, rest[0]), rest[1:]
		}
		for at := from.Truncate(5 * time.Second); at <= after; at += 5 * time.Second {
			m.Contacts = append(m.Contacts, plant.Contact{Source: f.tree.FindEquipment(productiontest.B1).Source, Time: productiontest.Start.Add(at)})
		}
		c.prod.Apply(now, m.Samples, m.Contacts)
		in := rules.Input{Samples: m.Samples, Contacts: m.Contacts}
		in.States, in.Passed = c.prod.TakeStates()
		for _, x := range c.rules.Eval(now, in) {
			out = append(out, fmt.Sprintf("%v %s", x.Active, x.Time.Sub(productiontest.Start)))
		}
		c.prod.Drain()
		if restart {
			c = f.restarted(c)
		}
	}
	return strings.Join(out, ", ")
}

func (f *moulder) core() *core {
	f.t.Helper()
	c, err := newCore(f.cfg, f.tree, f.tree.FindEquipment(productiontest.B1).Line.Area)
	if err != nil {
		f.t.Fatal(err)
	}
	return c
}

func (f *moulder) restarted(c *core) *core {
	f.t.Helper()
	data, err := c.snapshot()
	if err != nil {
		f.t.Fatal(err)
	}
	c = f.core()
	if err := c.restore(data); err != nil {
		f.t.Fatal(err)
	}
	return c
}

func every(d time.Duration) func(time.Duration) time.Duration {
	return func(after time.Duration) time.Duration { return after + d }
}

func TestFaultsThatOneMessageBringsAreCounted(t *testing.T) {
	f := newMoulder(t, time.Hour)
	f.is(0, "RUN", "")
	f.is(2*time.Minute, "ALARM", "E-310")
	f.is(3*time.Minute, "RUN", "")
	f.is(4*time.Minute, "ALARM", "E-310")
	const want = "true 4m0s"
	for _, piece := range []time.Duration{time.Second, 90 * time.Second, 5 * time.Minute, 10 * time.Minute} {
		if got := f.told(10*time.Minute, false, every(piece)); got != want {
			t.Errorf("in pieces of %s: got %q, want %q", piece, got, want)
		}
	}
}

func TestFaultsAreCountedAlikeInWhateverPiecesTheyCome(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 1))
		f := newMoulder(t, 6*time.Minute)
		for after := time.Duration(0); after < 2*time.Hour; {
			f.is(after, "RUN", "")
			after += time.Duration(60+r.IntN(400)) * time.Second
			f.is(after, "ALARM", []string{"E-310", "E-204"}[r.IntN(2)])
			after += time.Duration(30+r.IntN(200)) * time.Second
			if r.IntN(3) == 0 {
				f.is(after, []string{"IDLE", "ESTOP", "RESET"}[r.IntN(3)], "")
				after += time.Duration(30+r.IntN(60)) * time.Second
			}
		}
		want := f.told(2*time.Hour, false, every(time.Second))
		for _, most := range []int{30, 400, 3000} {
			some := func(after time.Duration) time.Duration { return after + time.Duration(1+r.IntN(most))*time.Second }
			if got := f.told(2*time.Hour, most > 30, some); got != want {
				t.Errorf("shift %d, pieces of up to %d s: got %q, second by second %q", seed, most, got, want)
			}
		}
	}
}

func TestFaultThatComesToLightAfterTheNextIsNotCounted(t *testing.T) {
	f := newMoulder(t, time.Hour)
	f.is(0, "RUN", "")
	f.is(4*time.Minute, "ALARM", "E-310")
	f.is(5*time.Minute, "RUN", "")
	f.is(2*time.Minute, "ALARM", "E-310") // comes with the one before
	f.is(3*time.Minute, "RUN", "")
	if got := f.told(10*time.Minute, false, every(time.Second)); got != "" {
		t.Errorf("got %q", got)
	}
}
