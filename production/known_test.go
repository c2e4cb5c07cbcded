package production_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
	"pgregory.net/rapid"
)

// away is ten minutes in which the server of line A is not reached: a fault, a
// jam and the start of a changeover fall into them.
var away = plant.Interval{From: productiontest.Start + 31*60*second, To: productiontest.Start + 41*60*second}

// outage plays the scripted hour. What happens while the server of line A is
// away is not told, but what holds after it; with backfill it is told later.
func (h *hall) outage(backfill bool) {
	h.t.Helper()
	start := productiontest.Start
	isLost := func(t plant.Instant) bool { return t > away.From && t < away.To }
	lineA := func(tag *plant.Tag) bool { return tag.Equipment.Source == "plc-a" }
	var missed []plant.Sample
	last := map[*plant.Tag]plant.Sample{}
	s, c := productiontest.Northfield(h.tree, start), productiontest.Contacts(start)
	for now := start; now <= start+productiontest.Hour; now += second {
		var samples []plant.Sample
		var contacts []plant.Contact
		for ; len(s) > 0 && s[0].Time <= now; s = s[1:] {
			if !lineA(s[0].Tag) || !isLost(s[0].Time) {
				samples = append(samples, s[0])
				continue
			}
			missed, last[s[0].Tag] = append(missed, s[0]), s[0]
		}
		for ; len(c) > 0 && c[0].Time <= now; c = c[1:] {
			if c[0].Source != "plc-a" || !isLost(c[0].Time) {
				contacts = append(contacts, c[0])
			}
		}
		if now == away.To { // a new subscription begins with the present values
			for _, tag := range h.tree.Tags() {
				if x, ok := last[tag]; ok {
					samples = append(samples, x)
				}
			}
		}
		h.apply(now, samples, contacts)
		h.tick(now)
		for _, a := range h.areas {
			a.Drain()
		}
		if backfill && now >= away.To+2*60*second {
			h.fill(now, &missed)
		}
	}
}

// fill tells some of what was missed, the oldest first, and at the end that
// this was all.
func (h *hall) fill(now plant.Instant, missed *[]plant.Sample) {
	if len(*missed) == 0 {
		return
	}
	n := min(len(*missed), 40)
	h.apply(now, (*missed)[:n], nil)
	if *missed = (*missed)[n:]; len(*missed) > 0 {
		return
	}
	for _, eq := range h.tree.Equipment() {
		for _, a := range h.areas {
			if eq.Source == "plc-a" {
				a.Know([]plant.Known{{Equipment: eq.Path, Interval: away}})
			}
		}
	}
}

func TestAnOutageOfTenMinutesThatIsBackfilledLeavesNoTrace(t *testing.T) {
	whole := newHall(t, productiontest.Config(productiontest.Start))
	whole.hour(productiontest.Start)
	want := whole.record(productiontest.Start)

	h := newHall(t, productiontest.Config(productiontest.Start))
	h.outage(true)
	if got := h.record(productiontest.Start); !bytes.Equal(got, want) {
		t.Errorf("with an outage: %s", firstDifference(got, want))
	}
}

func TestAnOutageThatIsNotBackfilledStaysUnknown(t *testing.T) {
	whole, h := newHall(t, productiontest.Config(productiontest.Start)), newHall(t, productiontest.Config(productiontest.Start))
	whole.hour(productiontest.Start)
	h.outage(false)
	unknown := func(h *hall) time.Duration {
		var sum time.Duration
		for _, a := range h.areas {
			for _, seg := range a.Facts(h.tree.FindEquipment(productiontest.A2), away).Segments {
				if seg.State == plant.StateUnknown || seg.Inferred {
					sum += seg.Interval(h.end()).Clip(away).Duration()
				}
			}
		}
		return sum
	}
	if got := unknown(whole); got != 0 {
		t.Fatalf("without an outage: got %v unknown or only inferred, want nothing", got)
	}
	if got := unknown(h); got < 9*time.Minute {
		t.Errorf("got %v unknown or only inferred of the capper, want nearly all of ten minutes", got)
	}
}

func (h *hall) end() plant.Instant { return productiontest.Start + productiontest.Hour }

// Whatever order they come in, times that are known count like contact.
func TestKnownTimeIsLikeContact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPress(t)
		a := p.area(t)
		a.Apply(p.end, p.samples, p.contacts)
		a.Tick(p.end)
		v := plant.Interval{From: p.start + plant.Instant(rapid.IntRange(0, 7000).Draw(t, "from"))*second}
		v.To = v.From + plant.Instant(rapid.IntRange(1, 1200).Draw(t, "length"))*second
		var contacts []plant.Contact
		for at := v.From; at <= v.To; at += 5 * second {
			contacts = append(contacts, plant.Contact{Source: "plc", Time: at})
		}
		contacts = append(contacts, plant.Contact{Source: "plc", Time: v.To})
		a.Apply(p.end, nil, contacts)
		a.Tick(p.end)
		want := p.record(t, a)

		b := p.area(t)
		var known []plant.Known
		for _, eq := range p.tree.Equipment() {
			known = append(known, plant.Known{Equipment: eq.Path, Interval: v})
		}
		samples := slices.Clone(p.samples)
		late := rapid.IntRange(0, len(samples)).Draw(t, "late")
		b.Apply(p.end, samples[:late], p.contacts)
		b.Tick(p.end)
		b.Drain()
		steps := []func(){
			func() { b.Apply(p.end, samples[late:], nil) },
			func() { b.Know(known) },
			func() {
				b.Tick(p.end)
				b.Drain()
				b = restarted(t, p, b)
			},
		}
		for _, i := range rapid.Permutation([]int{0, 1, 2}).Draw(t, "order") {
			steps[i]()
		}
		b.Know(known) // those of which nothing was known the first time
		b.Tick(p.end)
		if got := p.record(t, b); !bytes.Equal(got, want) {
			t.Fatalf("known %v: %s", v, firstDifference(got, want))
		}
	})
}

func TestWhatIsKnownBeforeTheHorizonOrOfNothingChangesNothing(t *testing.T) {
	s := newScene(t, func(c *production.Config) { c.Horizon = time.Hour })
	s.area.Know([]plant.Known{{Equipment: "s/a/l/M1", Interval: plant.Interval{From: s.start, To: s.at("1:00")}}})
	s.say("0:00", "M1/state", 6)
	s.till("1:00")
	s.now = s.at("80:00")
	s.till("81:00")
	s.area.Know([]plant.Known{{Equipment: "s/a/l/M1", Interval: plant.Interval{From: s.start, To: s.at("5:00")}},
		{Equipment: "s/a/l/M77", Interval: plant.Interval{From: s.start, To: s.at("80:00")}}})
	s.silent("81:00")
	s.want("M1", "00:00 run, 01:00 unknown, 80:00 run")
}
