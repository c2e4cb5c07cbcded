package opcua

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"
	"github.com/prometheus/client_golang/prometheus"

	"andon/collector"
	"andon/collector/opcua/opcuatest"
	"andon/collector/opcua/skim"
	"andon/collector/opcua/wire"
	"andon/plant"
)

func TestANotificationIsTheSameAsGopcuaReadsIt(t *testing.T) {
	for _, v := range opcuatest.EveryType() {
		sameAsGopcua(t, opcuatest.Encode(t, opcuatest.Notification(v)))
	}
	all := opcuatest.Notification(opcuatest.EveryType()...)
	all.DiagnosticInfos = []*ua.DiagnosticInfo{{EncodingMask: ua.DiagnosticInfoAdditionalInfo, AdditionalInfo: "pump"}}
	b := opcuatest.Encode(t, all)
	sameAsGopcua(t, append(b, 1, 2, 3))
	for n := range b {
		sameAsGopcua(t, b[:n])
	}
	for mask := range byte(0x40) { // any field of a value may be missing
		all.MonitoredItems[0].Value.EncodingMask = mask
		sameAsGopcua(t, opcuatest.Encode(t, all))
	}
	sameAsGopcua(t, []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	sameAsGopcua(t, []byte{0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff})
}

// FuzzDataChange compares our reading of notifications with gopcua's.
func FuzzDataChange(f *testing.F) {
	for _, v := range opcuatest.EveryType() {
		f.Add(opcuatest.Encode(f, opcuatest.Notification(v)))
	}
	f.Add(opcuatest.Encode(f, opcuatest.Notification(opcuatest.EveryType()...)))
	// gopcua allocates what the dimensions of an array claim, up to 8 GB. An
	// array of more than one has a first byte of which there is to be none.
	dimensions := func(c byte) bool { return c > 0xc0 && c <= 0xc0+byte(ua.TypeIDDiagnosticInfo) }
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, c := range b {
			if dimensions(c) {
				t.Skip()
			}
		}
		sameAsGopcua(t, b)
	})
}

func sameAsGopcua(t *testing.T, b []byte) {
	t.Helper()
	var theirs ua.DataChangeNotification
	var size int
	wantErr := collector.Contain(func() (err error) {
		size, err = ua.Decode(b, &theirs)
		return err
	})
	var ours wire.DataChange
	n, err := ours.Decode(b)
	if (err != nil) != (wantErr != nil) && !errors.Is(err, skim.ErrTooDeep) && !(err == nil && unread(t, &ours)) {
		t.Fatalf("%s: got error %v, want as gopcua's %v", hex.EncodeToString(b), err, wantErr)
	}
	if err != nil || wantErr != nil {
		return
	}
	if n != size || ours.N != len(theirs.MonitoredItems) {
		t.Fatalf("%s: got %d bytes and %d values, want %d and %d", hex.EncodeToString(b), n, ours.N, size, len(theirs.MonitoredItems))
	}
	if wrapped(t, &ours, &theirs) {
		return
	}
	for _, kind := range []plant.Kind{plant.KindNone, plant.KindBool, plant.KindInt, plant.KindUint, plant.KindFloat, plant.KindText} {
		got, gotTold, gotCounts := sampled(&ours, kind)
		want, wantTold, wantCounts := sampled(&theirs, kind)
		if !slices.EqualFunc(got, want, sameSample) || !slices.Equal(gotTold, wantTold) || gotCounts != wantCounts {
			t.Errorf("%s as %v: got %v, %q and %v, want %v, %q and %v", hex.EncodeToString(b), kind, got, gotTold, gotCounts, want, wantTold, wantCounts)
		}
	}
}

// sameSample is ==, but for the bits of what is not a number: gopcua writes
// them its own way.
func sameSample(a, b plant.Sample) bool {
	x, isFloat := a.Value.Float()
	y, areFloats := b.Value.Float()
	if isFloat && areFloats && math.IsNaN(x) && math.IsNaN(y) {
		a.Value, b.Value = plant.Value{}, plant.Value{}
	}
	return a == b
}

// wrapped reports whether c has a time of which gopcua makes another one: any
// but those from the year 1678 to 2262.
func wrapped(t *testing.T, c *wire.DataChange, theirs *ua.DataChangeNotification) bool {
	t.Helper()
	odd := func(at time.Time) bool { return at.Year() < 1678 || at.Year() > 2261 }
	rest := c.Values
	for i := range c.N {
		e, size, err := wire.ReadEntry(rest)
		if err != nil {
			t.Fatal(err)
		}
		rest = rest[size:]
		v := theirs.MonitoredItems[i].Value
		if odd(e.Source) && !e.Source.Equal(v.SourceTimestamp) || odd(e.Server) && !e.Server.Equal(v.ServerTimestamp) {
			return true
		}
		if at, ok := v.Value.Value().(time.Time); ok && odd(dated(t, e.Variant[1:])) && !dated(t, e.Variant[1:]).Equal(at) {
			return true
		}
	}
	return false
}

// dated is the DateTime that b is.
func dated(t *testing.T, b []byte) time.Time {
	t.Helper()
	var v wire.DataValue
	if _, err := v.Read(append([]byte{ua.DataValueSourceTimestamp}, b...)); err != nil {
		t.Fatal(err)
	}
	return v.Source
}

// unread reports whether c holds what never becomes a value, of which only the
// length counts. gopcua may find fault with the rest.
func unread(t *testing.T, c *wire.DataChange) bool {
	t.Helper()
	rest := c.Values
	for range c.N {
		e, size, err := wire.ReadEntry(rest)
		if err != nil {
			t.Fatal(err)
		}
		rest = rest[size:]
		if e.Variant != nil && (e.Variant[0]&ua.VariantArrayValues != 0 || ua.TypeID(e.Variant[0]&skim.TypeBits) >= ua.TypeIDExtensionObject) {
			return true
		}
	}
	return false
}

// sampled returns what a notification becomes where tags are of a kind: its
// samples, the troubles told, and how often what was counted.
func sampled(d any, kind plant.Kind) ([]plant.Sample, []string, string) {
	sub, reg := benchSubscription(len(opcuatest.EveryType())), prometheus.NewRegistry()
	m := NewMetrics(reg).forSource("packing")
	sub.session.source.metrics, sub.out.decoder.metrics = m, m
	for _, p := range sub.items.points {
		p.tag = sub.items.points[0].tag
	}
	sub.items.points[0].tag.Type = kind
	var told []string
	sub.out.decoder.tell = func(_ *point, text string) { told = append(told, text) }
	sub.items.sub, sub.out.status = sub, &collector.Status{}
	samples, _, err := sub.samples([]message{{data: []*ua.ExtensionObject{{Value: d}}}}, received)
	if err != nil {
		return nil, []string{err.Error()}, ""
	}
	for i := range samples {
		samples[i].Tag = nil // each call has its own
	}
	return samples, told, counted(reg)
}

// counted returns the counters of events.
func counted(reg *prometheus.Registry) string {
	families, err := reg.Gather()
	if err != nil {
		return err.Error()
	}
	var list []float64
	for _, f := range families {
		for _, m := range f.GetMetric() {
			list = append(list, m.GetCounter().GetValue())
		}
	}
	return fmt.Sprint(list)
}
