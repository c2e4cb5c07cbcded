package opcua_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua"
	"andon/collector/opcua/browse"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// anArray is 8 kB of a drive's measurements.
func anArray(first int) []float64 {
	a := make([]float64, 1000)
	a[0] = float64(first)
	return a
}

// addCurves makes arrays at the server and tags that read their first number.
func (r *rig) addCurves(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("LineA.A1.Curve%d", i)
		r.server.Add(names[i], anArray(-1))
		r.addTag(fmt.Sprint("curve", i), plant.KindFloat, "part=[0];ns=2;s="+names[i]).Role = plant.RoleState
	}
	return names
}

// sweep changes arrays to have each of n numbers first.
func (r *rig) sweep(names []string, n int) {
	r.t.Helper()
	var changes []opcuatest.Change
	for v := range n {
		for _, name := range names {
			changes = append(changes, opcuatest.Change{Node: name, Value: opcuatest.Value{V: anArray(v)}})
		}
	}
	if err := r.server.SetAll(changes); err != nil {
		r.t.Fatal(err)
	}
}

// swept returns how many of the n numbers came of each tag, all together.
func (r *rig) swept(n int) int {
	seen := map[string]bool{}
	for _, s := range r.sink.Samples() {
		if v, ok := s.Value.Float(); ok && v >= 0 && v < float64(n) {
			seen[fmt.Sprint(s.Tag.Name, " ", v)] = true
		}
	}
	return len(seen)
}

// After a cut the server tells at once what it queued: here 1,000 arrays, 8 MB,
// in one message.
func TestWhatQueuesOfArraysHeldComesInOneMessageOfManyMegabytes(t *testing.T) {
	t.Parallel()
	for name, secure := range map[string]bool{"in the clear": false, "encrypted": true} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, opcuatest.Options{})
			if secure {
				r = secureRig(t, opcuatest.Options{}, opcuatest.CertOptions{})
			}
			r.config.KeepAlive = 10 * time.Second // megabytes take their time on a busy machine
			curves := r.addCurves(20)
			r.supervise()
			r.waitAll(r.tags)
			r.server.Freeze(true)
			r.server.Cut()
			r.sweep(curves, 60)
			r.server.Freeze(false)
			r.wait("all of 20 arrays 60 times", func() bool { return r.swept(60) == 20*60 })
			if got := r.event("lost"); got != 0 {
				t.Errorf("lost notifications: got %v, want none", got)
			}
		})
	}
}

func TestAMessageOfManyMegabytesThatWasLostIsSentAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	r.config.KeepAlive = 10 * time.Second // as above
	curves := r.addCurves(20)
	r.start()
	r.waitAll(r.tags)
	r.server.DropNext(1)
	r.sweep(curves, 30)
	r.wait("all of 20 arrays 30 times", func() bool { return r.swept(30) == 20*30 })
	if lost, again := r.event("lost"), r.event("republished"); lost != 0 || again == 0 {
		t.Errorf("got %v notifications lost and %v sent again, want none and some", lost, again)
	}
}

func TestAHistoryOfArraysIsReadWhole(t *testing.T) {
	t.Parallel()
	for name, bytes := range map[string]int{
		"100 values of each in one answer":                           0,
		"fewer values a call, where an answer may be of 100 kB only": 100_000,
	} {
		t.Run(name, func(t *testing.T) {
			r := historian(t, opcuatest.Options{})
			r.bytes = bytes
			r.config.KeepAlive = 20 * time.Second // megabytes take their time on a busy machine
			r.config.History.ValuesPerSecond = 100_000
			curves := r.addCurves(10)
			for _, name := range curves {
				r.server.Historize(name)
			}
			x := r.start()
			r.waitAll(r.tags)
			r.waitContact()
			x.stop()
			r.sweep(curves, 90)
			r.start()
			gaps, known := r.waitVerdict(1)
			if len(gaps) != 0 || len(known) != 1 {
				t.Errorf("got gaps %v and known %v, want one known time", gaps, known)
			}
			r.wait("the present values", func() bool { return r.swept(90) == 10*90 })
		})
	}
}

func TestALargePlantIsBrowsedWhateverItsAnswersTake(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	for i := range 30 {
		for j := range 600 {
			r.server.Add(fmt.Sprintf("LineA.Machine%02d.TemperatureOfHeatingZone%04d", i, j), 1.5)
		}
	}
	for name, bytes := range map[string]int{"in one message": 0, "of 300 kB at most": 300_000} {
		c, err := opcua.OpenTaking(t.Context(), opcua.Options{Config: r.config, Name: "tool", StateDir: r.state, Log: slog.New(slog.DiscardHandler)}, bytes)
		if err != nil {
			t.Fatal(err)
		}
		tree, err := browse.Walk(t.Context(), c, browse.Options{Bounds: browse.DefaultBounds()})
		c.Close()
		if err != nil {
			t.Errorf("%s: got error %v", name, err)
		} else if want := 1 + 30 + 30*600; tree.Nodes != want || len(tree.Troubles) != 0 {
			t.Errorf("%s: got %d nodes and troubles %v, want %d and none", name, tree.Nodes, tree.Troubles, want)
		}
	}
}

func TestNumbersHaveTheirNamesWhateverTheAnswersTake(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	r.bytes = 8000
	for i := range 80 {
		name := fmt.Sprintf("Step%d.%s", i, strings.Repeat("Rinse", 20))
		r.add(name, plant.KindText, uint16(30))
		r.server.AddProperty(ua.NewStringNodeID(2, "LineA.A1."+name), "EnumValues", []*ua.ExtensionObject{
			ua.NewExtensionObject(&ua.EnumValueType{Value: 30, DisplayName: ua.NewLocalizedText("Rinse"), Description: ua.NewLocalizedText("")}),
		})
	}
	refused := make(chan int, 100)
	r.server.Intercept(func(req ua.Request) ua.StatusCode {
		if b, ok := req.(*ua.BrowseRequest); ok && b.NodesToBrowse[0].ReferenceTypeID.IntID() == id.HasProperty {
			refused <- len(b.NodesToBrowse)
		}
		return ua.StatusOK
	})
	r.start()
	for _, tag := range r.tags {
		r.sink.WaitValue(t, tag, plant.Text("Rinse"))
	}
	if n := <-refused; n != 80 {
		t.Errorf("nodes in the first call: got %d, want all 80, whose answer is too large", n)
	}
}
