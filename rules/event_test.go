package rules_test

import (
	"fmt"
	"strings"
	"testing"

	"andon/plant"
	"andon/rules"
)

// ofServer is a rule for what the OPC UA server says of line A.
func ofServer() rules.Rule {
	return rules.Rule{ID: "plc", Class: plant.ClassMaintenance, Kind: rules.KindEvent, Source: "opcua", Equipment: lineA + "*",
		Place: []rules.Placement{{Node: "*;s=Wrapper/*", Equipment: lineA + "A2"}, {Name: "Filler?", Equipment: lineA + "A1"}},
		Levels: []rules.Level{
			{Priority: plant.PriorityHigh, Raise: ">= 700"},
			{Priority: plant.PriorityMedium, Raise: ">= 300"},
		},
		Response: "look at the panel of the machine"}
}

// hotDrive is what the server says at a time of the drive of A1.
func hotDrive(at string, severity uint16, active bool) plant.Event {
	return plant.Event{Kind: plant.EventCondition, Source: "opcua", Condition: "nsu=urn:plant;s=A1.Drive.Hot", Name: "Drive hot", Node: "nsu=urn:plant;s=A1.Drive",
		NodeName: "A1", Message: "drive is\ntoo hot", Severity: severity, Active: active, Retain: active, Time: clock(at), Received: clock(at)}
}

func refresh(kind plant.EventKind, at string) plant.Event {
	return plant.Event{Kind: kind, Source: "opcua", Time: clock(at), Received: clock(at)}
}

// driveLabel is how rules call the hot drive of A1, now and after every change
// of this code: alarms in the records have it.
const driveLabel = "plc:Drive-hot-26226b1fc5"

func TestConditionOfAServerBeginsChangesAndCeases(t *testing.T) {
	s := newShift(t, ofServer())
	got := s.at("10:00", hotDrive("09:59", 500, true))
	want(t, "raised", got, "A1 "+driveLabel+" medium at 09:59:00")
	if got[0].Message != "drive is too hot" || got[0].Value != plant.Uint(500) || got[0].Response == "" || got[0].Class != plant.ClassMaintenance {
		t.Errorf("raised: got %+v, want the server's words, its severity and the response", got[0])
	}
	want(t, "told again", s.at("10:01", hotDrive("10:01", 510, true)), "")
	want(t, "more severe", s.at("10:02", hotDrive("10:02", 800, true)), "A1 "+driveLabel+" high at 10:02:00")
	want(t, "less severe", s.at("10:03", hotDrive("10:03", 500, true)), "A1 "+driveLabel+" medium at 10:03:00")
	want(t, "over", s.at("10:04", hotDrive("10:04", 500, false)), "A1 "+driveLabel+" over at 10:04:00")
	want(t, "over again", s.at("10:05", hotDrive("10:05", 500, false)), "")
	if h := s.set.Holding(); len(h) != 0 {
		t.Errorf("holding: got %s, want nothing", say(h))
	}
}

func TestSeverityBelowAllLevelsIsNoCondition(t *testing.T) {
	s := newShift(t, ofServer())
	want(t, "a note", s.at("10:00", hotDrive("10:00", 299, true)), "")
	want(t, "raised", s.at("10:01", hotDrive("10:01", 300, true)), "A1 "+driveLabel+" medium at 10:01:00")
	want(t, "a note again", s.at("10:02", hotDrive("10:02", 100, true)), "A1 "+driveLabel+" over at 10:02:00")
}

func TestWhatIsSilencedAtTheServerCallsNobody(t *testing.T) {
	s := newShift(t, ofServer())
	x := hotDrive("10:00", 900, true)
	x.Suppressed = true
	want(t, "shelved", s.at("10:00", x), "")
	want(t, "not any more", s.at("10:01", hotDrive("10:01", 900, true)), "A1 "+driveLabel+" high at 10:01:00")
	x = hotDrive("10:02", 900, true)
	x.Retain = false
	want(t, "of no interest", s.at("10:02", x), "A1 "+driveLabel+" over at 10:02:00")
}

func TestConditionOfAServerBelongsToTheEquipmentItIsAbout(t *testing.T) {
	one := ofServer()
	one.ID, one.Equipment, one.Place = "rest", lineA+"A3", nil
	s := newShift(t, ofServer(), one)
	for name, c := range map[string]struct{ node, about, want string }{
		"name of an equipment":     {"nsu=urn:plant;s=x", "A2", "A2 plc"},
		"pattern of the node":      {"nsu=urn:plant;s=Wrapper/Drive/1", "A1", "A2 plc"},
		"pattern of the name":      {"nsu=urn:plant;s=x", "Filler7", "A1 plc"},
		"nothing but the last one": {"nsu=urn:plant;s=x", "Filler77", "A3 rest"},
		"another area's equipment": {"nsu=urn:plant;s=x", "B1", "A3 rest"}, // the first rule is for line A alone
	} {
		x := hotDrive("10:00", 900, true)
		x.Condition, x.Node, x.NodeName = name, c.node, c.about
		if got := say(s.at("10:00", x)); !strings.HasPrefix(got, c.want+":Drive-hot-") {
			t.Errorf("%s: got %q, want it on %s", name, got, c.want)
		}
	}
	x := hotDrive("10:01", 900, true)
	x.Source = "mqtt"
	want(t, "another source", s.at("10:01", x), "")
}

func TestRuleForAnotherAreaTakesConditionsThere(t *testing.T) {
	moulding := ofServer()
	moulding.ID, moulding.Equipment, moulding.Place, moulding.Conditions = "moulding", "northfield/moulding/lineB/B1", nil, []string{"Drive*"}
	rest := ofServer()
	rest.Equipment, rest.Place = lineA+"A1", nil
	s := newShift(t, moulding, rest)
	want(t, "taken by the first rule", s.at("10:00", hotDrive("10:00", 900, true)), "")
	x := hotDrive("10:01", 900, true)
	x.Name = "Jam"
	if got := say(s.at("10:01", x)); !strings.HasPrefix(got, "A1 plc:Jam-") {
		t.Errorf("taken by the second: got %q, want it on A1", got)
	}
}

func TestRefreshClearsWhatTheServerNoLongerNames(t *testing.T) {
	s := newShift(t, ofServer())
	jam := hotDrive("10:00", 900, true)
	jam.Condition, jam.Name = "i=7", "Jam"
	s.at("10:00", hotDrive("10:00", 500, true), jam)
	want(t, "contact lost and found", s.at("11:00", refresh(plant.EventRefreshStart, "11:00")), "")
	want(t, "named", s.at("11:00", hotDrive("10:00", 500, true)), "")
	if got := say(s.at("11:01", refresh(plant.EventRefreshEnd, "11:01"))); !strings.HasPrefix(got, "A1 plc:Jam-") || !strings.HasSuffix(got, "over at 11:01:00") {
		t.Errorf("told all: got %q, want the jam over", got)
	}
	want(t, "an end without a start", s.at("11:02", refresh(plant.EventRefreshEnd, "11:02")), "")
}

func TestRefreshThatIsCutOffClearsNothing(t *testing.T) {
	s := newShift(t, ofServer())
	s.at("10:00", hotDrive("10:00", 500, true))
	s.at("11:00", refresh(plant.EventRefreshStart, "11:00"))
	s.restart()
	want(t, "begun anew", s.at("11:01", refresh(plant.EventRefreshStart, "11:01")), "")
	want(t, "named", s.at("11:01", hotDrive("10:00", 500, true)), "")
	s.restart()
	want(t, "told all", s.at("11:02", refresh(plant.EventRefreshEnd, "11:02")), "")
	other := refresh(plant.EventRefreshStart, "11:03")
	other.Source = "mqtt"
	want(t, "of another source", s.at("11:03", other, refresh(plant.EventRefreshEnd, "11:03")), "")
}

func TestOlderStateOfARefreshDoesNotHideANewerOne(t *testing.T) {
	s := newShift(t, ofServer())
	s.at("10:00", hotDrive("10:00", 500, true))
	want(t, "over while the server tells all", s.at("11:00", refresh(plant.EventRefreshStart, "11:00"), hotDrive("11:00", 500, false)),
		"A1 "+driveLabel+" over at 11:00:00")
	s.restart()
	want(t, "what the refresh had found before", s.at("11:00", hotDrive("10:00", 500, true), refresh(plant.EventRefreshEnd, "11:00")), "")
}

func TestEventThatComesTwiceRaisesOnce(t *testing.T) {
	s := newShift(t, ofServer())
	on, off := hotDrive("10:00", 500, true), hotDrive("10:01", 500, false)
	on.ID, off.ID = "01", "02"
	s.at("10:01", on, off)
	s.restart()
	want(t, "sent again after a crash", s.at("10:02", on, off), "")
	alike := hotDrive("10:02", 500, true)
	alike.ID = "01"
	want(t, "another of the same id", s.at("10:02", alike), "A1 "+driveLabel+" medium at 10:02:00")
	s.at("10:02", hotDrive("10:02", 500, false))
	want(t, "of a refresh", s.at("10:03", refresh(plant.EventRefreshStart, "10:03"), on), "A1 "+driveLabel+" medium at 10:00:00")
}

func TestServerWithTooManyConditionsSaysSoOnce(t *testing.T) {
	s := newShift(t, ofServer())
	many := func(at string, n int) (out []any) {
		for i := range n {
			x := hotDrive(at, 500, true)
			x.Condition = fmt.Sprintf("i=%d", i)
			out = append(out, x)
		}
		return out
	}
	got := s.at("10:00", many("10:00", 1200)...)
	if n := len(got); n != 1001 || got[1000].Rule != "plc:others" || !strings.Contains(got[1000].Message, "more than 1000 alarms") {
		t.Fatalf("1,200 conditions: got %d, the last %s; want 1,000 and the others", n, say(got[len(got)-1:]))
	}
	start, end := refresh(plant.EventRefreshStart, "10:01"), refresh(plant.EventRefreshEnd, "10:01")
	again := append(append([]any{start}, many("10:00", 1100)...), end)
	want(t, "still too many", s.at("10:01", again...), "")
	s.restart()
	fewer := append(append([]any{start}, many("10:00", 999)...), end)
	got = s.at("10:02", fewer...)
	if len(got) != 2 || got[0].Active || got[1].Active || !strings.Contains(say(got), "plc:others over") {
		t.Errorf("fewer: got %s, want one and the others over", say(got))
	}
}

func TestRestartKeepsConditionsOfServers(t *testing.T) {
	s := newShift(t, ofServer())
	s.at("10:00", hotDrive("10:00", 500, true))
	s.restart()
	want(t, "holding", s.set.Holding(), "A1 "+driveLabel+" medium at 10:00:00")
	want(t, "told again", s.at("10:01", hotDrive("10:00", 500, true)), "")
	edited := ofServer()
	edited.Levels[1].Priority, edited.Message = plant.PriorityLow, "{{.Condition}} {{.Value}} {{.Limit}}"
	s.restart(edited)
	got := s.at("10:02", hotDrive("10:00", 500, true))
	want(t, "another priority", got, "A1 "+driveLabel+" low at 10:00:00")
	if got[0].Message != "Drive hot 500 >= 300" {
		t.Errorf("another text: got %q", got[0].Message)
	}
	elsewhere := ofServer()
	elsewhere.Place = append(elsewhere.Place, rules.Placement{Node: "*Drive", Equipment: lineA + "A2"})
	s.restart(elsewhere)
	want(t, "placed elsewhere", s.at("10:03", hotDrive("10:00", 500, true)), "A1 "+driveLabel+" over at 10:03:00, A2 "+driveLabel+" medium at 10:00:00")
	s.restart(hot())
	want(t, "rule gone", s.at("10:04"), "A2 "+driveLabel+" over at 10:04:00")
}

func TestRulesKnowOfAServerOnceItToldAll(t *testing.T) {
	s := newShift(t, ofServer())
	knows := func(want bool, when string) {
		t.Helper()
		if got := s.set.Knows(driveLabel, lineA+"A1"); got != want {
			t.Errorf("%s: got %t, want %t", when, got, want)
		}
	}
	s.at("10:00", hotDrive("10:00", 500, true))
	knows(false, "one condition told")
	s.at("10:01", refresh(plant.EventRefreshStart, "10:01"))
	s.restart()
	s.at("10:01", refresh(plant.EventRefreshEnd, "10:01"))
	knows(true, "all told")
	s.restart()
	knows(true, "after a restart")
	if !s.set.Knows("gone:Drive-hot-26226b1fc5", lineA+"A1") {
		t.Error("a rule that there is not: got false, want true")
	}
}

func TestEventRuleIsChecked(t *testing.T) {
	for text, edit := range map[string]func(r *rules.Rule){
		"rules[0].source: want the name of the source":            func(r *rules.Rule) { r.Source = "" },
		"rules[0].levels[1].raise: want a lower severity":         func(r *rules.Rule) { r.Levels[1].Raise = ">= 700" },
		"rules[0].levels[0].raise: want a severity":               func(r *rules.Rule) { r.Levels[0].Raise = "< 700" },
		"rules[0].levels[0].clear: want nothing":                  func(r *rules.Rule) { r.Levels[0].Clear = "< 600" },
		"rules[0].conditions[0]: want the name of a condition":    func(r *rules.Rule) { r.Conditions = []string{""} },
		"rules[0].place[0]: want node or name":                    func(r *rules.Rule) { r.Place[0].Node = "" },
		"rules[0].place[1].equipment: want the path":              func(r *rules.Rule) { r.Place[1].Equipment = lineA + "A9" },
		"rules[0].place[1].equipment: want an equipment that":     func(r *rules.Rule) { r.Place[1].Equipment = "northfield/moulding/lineB/B1" },
		"rules[0].tag: want nothing in a rule of kind event":      func(r *rules.Rule) { r.Tag = "gearbox_temp" },
		"rules[0].on_delay: want nothing in a rule of kind event": func(r *rules.Rule) { r.OnDelay = 1e9 },
		"rules[0].equipment: want a pattern that matches":         func(r *rules.Rule) { r.Equipment, r.Place = "northfield/packing/lineZ/*", nil },
	} {
		r := ofServer()
		r.Levels = append([]rules.Level(nil), r.Levels...)
		edit(&r)
		cfg := rules.Config{Rules: []rules.Rule{r}}
		problems := append(cfg.Validate(), cfg.Check(northfield(t))...)
		if err := problems.Err(); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("want %q, got %v", text, err)
		}
	}
}
