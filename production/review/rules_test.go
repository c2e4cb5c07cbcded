package review_test

import (
	"testing"
	"time"

	"andon/plant"
	"andon/production"
	"andon/production/review"
)

// A condition of a reason rule, and whether it is for a stop.
type condition struct {
	when production.RuleWhen
	ev   review.Evidence
	from plant.Instant
	want bool
}

func conditions(begin plant.Instant, usual, quiet review.Evidence) map[string]condition {
	after := func(hours int) plant.Instant { return begin.Add(time.Duration(hours) * time.Hour) }
	return map[string]condition{
		"no condition":                {production.RuleWhen{}, quiet, begin, true},
		"its state":                   {production.RuleWhen{States: []string{"fault", "starved"}}, usual, begin, true},
		"another state":               {production.RuleWhen{States: []string{"fault"}}, usual, begin, false},
		"longer":                      {production.RuleWhen{LongerThan: 4*time.Minute - 1}, usual, begin, true},
		"not longer":                  {production.RuleWhen{LongerThan: 4 * time.Minute}, usual, begin, false},
		"at most as long":             {production.RuleWhen{AtMost: 4 * time.Minute}, usual, begin, true},
		"longer than at most":         {production.RuleWhen{AtMost: 4*time.Minute - 1}, usual, begin, false},
		"begins in the time":          {production.RuleWhen{From: "09:41", To: "09:42"}, usual, begin, true},
		"begins as the time ends":     {production.RuleWhen{From: "06:00", To: "09:41"}, usual, begin, false},
		"begins before the time":      {production.RuleWhen{From: "09:42", To: "14:00"}, usual, begin, false},
		"late evening in the night":   {production.RuleWhen{From: "22:00", To: "06:00"}, usual, after(13), true},
		"after midnight in the night": {production.RuleWhen{From: "22:00", To: "06:00"}, usual, after(18), true},
		"morning after the night":     {production.RuleWhen{From: "22:00", To: "06:00"}, usual, begin, false},
		"evening before the night":    {production.RuleWhen{From: "22:00", To: "06:00"}, usual, after(12), false},
		"value that the signal had":   {production.RuleWhen{Signal: "resin", Value: "0"}, usual, begin, true},
		"value that it had not":       {production.RuleWhen{Signal: "resin", Value: "1"}, usual, begin, false},
		"signal that says something":  {production.RuleWhen{Signal: "resin"}, usual, begin, true},
		"signal that says nothing":    {production.RuleWhen{Signal: "resin"}, quiet, begin, false},
		"signal without values":       {production.RuleWhen{Signal: "resin", Value: "0"}, review.Evidence{Zone: usual.Zone}, begin, false},
		"state of the neighbour":      {production.RuleWhen{Neighbour: "downstream", NeighbourStates: []string{"fault", "starved"}}, usual, begin, true},
		"not that of the neighbour":   {production.RuleWhen{Neighbour: "downstream", NeighbourStates: []string{"starved"}}, quiet, begin, false},
		"alarm":                       {production.RuleWhen{Alarm: "starved"}, usual, begin, true},
		"no alarm":                    {production.RuleWhen{Alarm: "starved"}, quiet, begin, false},
		"all of it": {production.RuleWhen{States: []string{"starved"}, LongerThan: time.Minute, AtMost: 5 * time.Minute, From: "09:00", To: "10:00",
			Signal: "resin", Value: "0", Neighbour: "downstream", NeighbourStates: []string{"starved"}, Alarm: "starved"}, usual, begin, true},
		"all but the alarm": {production.RuleWhen{States: []string{"starved"}, From: "09:00", To: "10:00", Alarm: "starved"}, quiet, begin, false},
	}
}

// Each condition of a reason rule once as the stop has it and once not, for a
// stop of four minutes that begins at 9:41 in Berlin.
func TestEachConditionOfAReasonRuleDecides(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	begin := plant.At(time.Date(2026, 3, 2, 9, 41, 0, 0, berlin))
	usual := review.Evidence{Zone: berlin, Signal: []string{"14.8", "0"}, Neighbours: []plant.State{plant.StateRun, plant.StateStarved}, Alarm: true}
	quiet := review.Evidence{Zone: berlin, Signal: []string{"0", "", "false"}, Neighbours: []plant.State{plant.StateRun}}
	for name, x := range conditions(begin, usual, quiet) {
		s := production.Stop{ID: "s", From: x.from, To: x.from.Add(4 * time.Minute), State: plant.StateStarved}
		if got := review.Match(x.when, s, x.ev); got != x.want {
			t.Errorf("%s: got %v, want %v", name, got, x.want)
		}
	}
}

// Time without data is no downtime.
func TestAReasonRuleLooksAtDowntime(t *testing.T) {
	s := production.Stop{ID: "s", From: at(0, 0), To: at(10, 0), Excluded: 7 * time.Minute, State: plant.StateStopped}
	if review.Match(production.RuleWhen{LongerThan: 5 * time.Minute}, s, review.Evidence{Zone: time.UTC}) {
		t.Error("ten minutes with seven of them without data: got longer than five")
	}
}
