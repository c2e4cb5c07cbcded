package alerts_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"andon/alerts"
	"andon/plant"
)

var update = flag.Bool("update", false, "write the table of docs/alerts.md anew")

func TestTableHasOneRowForEveryStateAndEvent(t *testing.T) {
	for _, from := range alerts.States() {
		for _, event := range alerts.Events() {
			for _, ack := range []alerts.Ack{alerts.AckRequired, alerts.AckNone} {
				n := 0
				for _, r := range alerts.Table() {
					if r.From == from && r.Event == event && (r.Ack == "" || r.Ack == ack) {
						n++
					}
				}
				if n != 1 {
					t.Errorf("%s, %s, ack %s: got %d rows, want 1", from, event, ack, n)
				}
			}
		}
	}
}

// TestBookFollowsEveryRowOfTheTable brings a real book into each state,
// sends the event and looks what came out.
func TestBookFollowsEveryRowOfTheTable(t *testing.T) {
	for _, row := range alerts.Table() {
		for _, ack := range []alerts.Ack{alerts.AckRequired, alerts.AckNone} {
			if row.Ack != "" && row.Ack != ack || row.From == alerts.StateReturnedUnacknowledged && ack == alerts.AckNone {
				continue
			}
			t.Run(fmt.Sprintf("%s_%s_ack_%s", row.From, row.Event, ack), func(t *testing.T) { followRow(t, row, ack) })
		}
	}
}

func followRow(t *testing.T, row alerts.Row, ack alerts.Ack) {
	cfg := duty()
	for i := range cfg.Routes {
		cfg.Routes[i].Ack = ack
	}
	s := newShift(t, cfg)
	bring(t, s, row.From)
	got, err := send(s, row.Event)
	if (err != nil) != (row.Effect == alerts.EffectRefuse) {
		t.Errorf("command: got error %v; effect is %s", err, row.Effect)
	}
	if row.Effect == alerts.EffectRefuse || row.Effect == alerts.EffectIgnore {
		if !got.Empty() {
			t.Errorf("effect %s, but changed %+v", row.Effect, got)
		}
		return
	}
	if len(got.Transitions) != 1 || len(got.Alarms) != 1 {
		t.Fatalf("got %d transitions of %d alarms, want one each", len(got.Transitions), len(got.Alarms))
	}
	if x := got.Transitions[0]; x.From != row.From || x.To != row.To || x.Event != row.Event || got.Alarms[0].State != row.To {
		t.Errorf("transition: got %s -%s-> %s, alarm %s; want %s -%s-> %s", x.From, x.Event, x.To, got.Alarms[0].State, row.From, row.Event, row.To)
	}
	wantTold(t, string(row.Effect), got, map[alerts.Effect]string{alerts.EffectAnnounce: "first raised",
		alerts.EffectTakeOver: "first acknowledged", alerts.EffectResolve: "first resolved"}[row.Effect])
}

// bring moves A1's alarm to a state, at medium priority.
func bring(t *testing.T, s *shift, to alerts.State) {
	t.Helper()
	if to == alerts.StateNormal {
		return
	}
	s.apply("10:00", s.condition("A1", plant.PriorityMedium, true, clock("10:00")))
	switch to {
	case alerts.StateAcknowledged:
		if _, err := s.ack("10:01", "anna", "A1"); err != nil {
			t.Fatal(err)
		}
	case alerts.StateReturnedUnacknowledged:
		s.apply("10:01", s.condition("A1", plant.PriorityMedium, false, clock("10:01")))
	}
}

func send(s *shift, event alerts.Event) (alerts.Changes, error) {
	const at = "10:02"
	open := s.book.Alarms()
	active := len(open) > 0 && open[0].Active
	switch event {
	case alerts.EventAcknowledged:
		return s.ack(at, "ben", "A1")
	case alerts.EventCleared:
		return s.apply(at, s.condition("A1", plant.PriorityMedium, false, clock(at))), nil
	case alerts.EventPriorityRaised, alerts.EventPriorityLowered:
		if !active {
			return alerts.Changes{}, nil // the event cannot arise
		}
		p := map[alerts.Event]plant.Priority{alerts.EventPriorityRaised: plant.PriorityHigh, alerts.EventPriorityLowered: plant.PriorityLow}[event]
		return s.apply(at, s.condition("A1", p, true, clock(at))), nil
	}
	return s.apply(at, s.condition("A1", plant.PriorityMedium, true, clock(at))), nil
}

func TestDocumentedTableIsTheCodes(t *testing.T) {
	const file, begin, end = "../docs/alerts.md", "<!-- table:begin -->\n", "<!-- table:end -->"
	doc, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok1 := strings.Cut(string(doc), begin)
	got, tail, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatalf("%s has no place for the table", file)
	}
	want := tableAsMarkdown()
	if got == want {
		return
	}
	if !*update {
		t.Fatalf("%s differs from the code; run the test with -update. want:\n%s", file, want)
	}
	if err := os.WriteFile(file, []byte(head+begin+want+end+tail), 0o644); err != nil {
		t.Fatal(err)
	}
}

func tableAsMarkdown() string {
	var s strings.Builder
	s.WriteString("| state | event | next state | what happens |\n|---|---|---|---|\n")
	for _, r := range alerts.Table() {
		event := string(r.Event)
		if r.Ack != "" {
			event += fmt.Sprintf(" (ack: %s)", r.Ack)
		}
		fmt.Fprintf(&s, "| %s | %s | %s | %s: %s |\n", r.From, event, r.To, r.Effect, r.Why)
	}
	return s.String()
}
