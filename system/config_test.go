package system

import (
	"strings"
	"testing"
)

func TestAConfigurationThatCannotBeMeantIsRefusedByItsKey(t *testing.T) {
	if p := DefaultConfig().Validate(); len(p) > 0 || DefaultConfig().Count() != 10 {
		t.Errorf("default: got %v and %d conditions, want none wrong of 10", p, DefaultConfig().Count())
	}
	c := DefaultConfig()
	c.OnDelay, c.Quiet, c.InfluxBehind.Age, c.QueueFull.Percent, c.DiskLow.Percent, c.DiskLow.Bytes = -1, 0, 0, 100, 91, -1
	c.EngineBehind.After, c.SourceAway.After, c.DataLost.Priority = 0, 0, "urgent"
	var got []string
	for _, x := range c.Validate() {
		got = append(got, x.Path)
	}
	want := "on_delay quiet influx_behind.age engine_behind.after source_away.after queue_full.percent disk_low.percent disk_low.bytes data_lost.priority"
	if strings.Join(got, " ") != want {
		t.Errorf("problems: got %v, want %s", got, want)
	}
}
