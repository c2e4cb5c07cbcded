package production_test

import (
	"testing"

	"andon/plant"
	"andon/production"
)

// Edge case: two values of one signal with the same timestamp. The one that
// came last holds, whatever they are called.
func TestOfTwoStatesAtOneTimeTheOneThatCameLastHolds(t *testing.T) {
	for _, c := range []struct {
		states []string
		want   string
	}{
		{[]string{"RUN", "IDLE"}, "0 run, 60 starved"},
		{[]string{"IDLE", "RUN"}, "0 run"},
		{[]string{"RUN", "IDLE", "IDLE", "RUN"}, "0 run, 60 starved"}, // repeats say nothing new
	} {
		m := oneMachine(t, func(cfg *production.Config) {
			cfg.StateMaps = []production.CodeMap{{Name: "moulder", Codes: map[string]string{"RUN": "run", "IDLE": "starved"}}}
		}, plant.TagConfig{Name: "state", Role: plant.RoleState, States: "moulder"})
		m.say(0, "state", plant.Text("RUN"))
		m.till(30)
		for _, s := range c.states {
			m.say(60, "state", plant.Text(s))
		}
		m.till(300)
		m.want(c.want)
		m.restart()
		m.till(301)
		m.want(c.want)
	}
}

// Edge case: a counter that is reset at the very time of its last count.
func TestOfTwoReadingsAtOneTimeTheOneThatCameLastIsTheLater(t *testing.T) {
	for _, c := range []struct {
		values []int64
		want   int64
	}{{[]int64{40, 0}, 40 + 10}, {[]int64{30, 38}, 38 + 10}, {[]int64{40, 0, 40}, 40 + 10}} {
		m := oneMachine(t, nil, plant.TagConfig{Name: "state", Role: plant.RoleState}, plant.TagConfig{Name: "total", Role: plant.RoleTotalCount})
		m.say(0, "state", plant.Int(6))
		m.say(0, "total", plant.Int(0))
		for _, v := range c.values {
			m.say(60, "total", plant.Int(v))
		}
		m.say(90, "total", plant.Int(c.values[min(1, len(c.values)-1)]+10))
		m.till(120)
		var sum int64
		for _, x := range m.facts().Counts {
			sum += x.Total
		}
		if sum != c.want {
			t.Errorf("%v at one time: got %d units, want %d", c.values, sum, c.want)
		}
	}
}
