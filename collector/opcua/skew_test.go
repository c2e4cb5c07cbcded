package opcua_test

import (
	"math"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// skew returns the gauge of the server's clock; false when there is none.
func (r *rig) skew() (time.Duration, bool) {
	r.t.Helper()
	families, err := r.reg.Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "andon_opcua_clock_skew_seconds" {
			return time.Duration(f.GetMetric()[0].GetGauge().GetValue() * float64(time.Second)), true
		}
	}
	return 0, false
}

func TestAServersClockIsComparedWithAndons(t *testing.T) {
	t.Parallel()
	var off atomic.Int64
	r := newRig(t, opcuatest.Options{Clock: func() time.Time { return time.Now().Add(time.Duration(off.Load())) }})
	r.config.Clock.Interval = time.Second
	tag := r.add("Total", plant.KindInt, int64(7))
	off.Store(int64(2 * time.Hour))
	x := r.start()
	r.sink.WaitValue(t, tag, plant.Int(7))
	near := func(want time.Duration) func() bool {
		return func() bool {
			got, ok := r.skew()
			return ok && math.Abs(float64(got-want)) < float64(time.Second)
		}
	}
	r.wait("two hours of skew", near(2*time.Hour))
	r.wait("trouble", func() bool { return strings.Contains(r.status.Health("").Troubles["server clock"], "ahead of andon's") })
	off.Store(int64(-24 * time.Hour))
	r.wait("a day behind", near(-24*time.Hour))
	off.Store(0)
	r.wait("no skew", near(0))
	r.wait("no trouble", func() bool { return len(r.status.Health("").Troubles) == 0 })
	x.stop()
	if _, ok := r.skew(); ok {
		t.Error("without a session there is a skew, want none")
	}
}

func TestATagInAnotherUnitThanTheServersIsToldOfAndFlows(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	wrong, right := r.add("Zone1.Temp", plant.KindFloat, 212.0), r.add("Zone2.Temp", plant.KindFloat, 100.0)
	for tag, unit := range map[*plant.Tag]int32{wrong: 0x464148 /* FAH */, right: 0x43454c /* CEL */} {
		tag.Unit = "degC"
		r.server.AddProperty(ua.NewStringNodeID(2, "LineA.A1."+tag.Name), "EngineeringUnits", ua.NewExtensionObject(&ua.EUInformation{
			NamespaceURI: "http://www.opcfoundation.org/UA/units/un/cefact", UnitID: unit, DisplayName: ua.NewLocalizedText("°F"), Description: ua.NewLocalizedText(""),
		}))
	}
	r.start()
	r.sink.WaitValue(t, wrong, plant.Float(212))
	r.wait("trouble", func() bool { return len(r.status.Health("").Troubles) == 1 })
	if got := r.status.Health("").Troubles[wrong.Path]; !strings.Contains(got, `"°F" (FAH)`) || !strings.Contains(got, "degC") {
		t.Errorf("trouble: got %q, want both units", got)
	}
	r.set(wrong, "broken", 0) // another trouble comes and goes
	r.wait("the mismatch", func() bool { return strings.Contains(r.status.Health("").Troubles[wrong.Path], "want float") })
	r.set(wrong, 213.0, 0)
	r.sink.WaitValue(t, wrong, plant.Float(213))
	r.wait("the unit again", func() bool { return strings.Contains(r.status.Health("").Troubles[wrong.Path], "FAH") })
}
