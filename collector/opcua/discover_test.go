package opcua_test

import (
	"slices"
	"testing"
	"time"

	"github.com/gopcua/opcua/id"

	"andon/collector/opcua"
	"andon/collector/opcua/browse"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// discovering makes the rig's source look for variables, and returns what it
// found, look by look.
func (r *rig) discovering() <-chan opcua.Found {
	d := opcua.DefaultDiscover()
	d.Place.Area = "packing"
	d.Exclude = []string{"**/Diagnostics"}
	r.config.Discover = &d
	looks := make(chan opcua.Found, 100)
	r.found = func(f opcua.Found) { looks <- f }
	return looks
}

func (r *rig) look(looks <-chan opcua.Found) opcua.Found {
	r.t.Helper()
	select {
	case f := <-looks:
		return f
	case <-time.After(waitLimit):
		r.t.Fatal("the server was not looked through")
	}
	return opcua.Found{}
}

func newPaths(f opcua.Found) []string {
	var list []string
	for _, n := range f.New {
		list = append(list, n.Path())
	}
	slices.Sort(list)
	return list
}

func TestANewMachineAndOneThatVanishedAreFoundAtTheNextSession(t *testing.T) {
	r := newRig(t, opcuatest.Options{})
	state := r.add("State", plant.KindInt, int32(6))
	r.server.Add("LineA.A1.Diagnostics.Load", float32(1))
	looks := r.discovering()
	x := r.start()
	if f := r.look(looks); len(f.New) != 0 || len(f.Gone) != 0 || len(f.Nodes) != 1 || f.Source != "packing" {
		t.Errorf("at first: got new %v, gone %v, %d nodes; want only what is collected", newPaths(f), f.Gone, len(f.Nodes))
	}
	r.server.Add("LineA.A2.State", int32(6))
	r.server.Add("LineA.A2.Count", uint32(1))
	r.server.Remove("LineA.A1.State")
	r.server.Cut()
	x.fails()
	r.start()
	f := r.look(looks)
	if got := newPaths(f); !slices.Equal(got, []string{"LineA/A2/Count", "LineA/A2/State"}) {
		t.Errorf("new: got %v, want what the second machine has", got)
	}
	if len(f.Gone) != 1 || f.Gone[0] != state {
		t.Errorf("gone: got %v, want the state of the first machine", f.Gone)
	}
	places, _ := r.config.Discover.Place.Put(f.Tree, f.New, nil)
	if got := browse.Areas(places, "packing"); len(got) != 1 || got[0].Lines[0].Equipment[0].Name != "A2" || len(got[0].Lines[0].Equipment[0].Tags) != 2 {
		t.Errorf("places: got %+v, want two tags of A2", got)
	}
}

func TestASourceWithoutTagsLooksForThem(t *testing.T) {
	r := newRig(t, opcuatest.Options{})
	r.server.Add("LineA.A1.State", int32(6))
	looks := r.discovering()
	x := r.start()
	if got := newPaths(r.look(looks)); !slices.Equal(got, []string{"LineA/A1/State"}) {
		t.Errorf("got %v, want the state", got)
	}
	x.stop()
}

func TestAServerIsLookedThroughAgainWhenItIsTime(t *testing.T) {
	t.Parallel() // it waits for the shortest time that may be configured
	r := newRig(t, opcuatest.Options{})
	r.add("State", plant.KindInt, int32(6))
	looks := r.discovering()
	r.config.Discover.Every = 10 * time.Second
	x := r.start()
	r.look(looks)
	r.server.Add("LineA.A2.State", int32(6)) // of which the server says nothing
	if got := newPaths(r.look(looks)); !slices.Equal(got, []string{"LineA/A2/State"}) {
		t.Errorf("got %v, want the state of the machine that came", got)
	}
	x.stop()
}

func TestAServerThatNumbersItsNamespacesAnewHasTheSameTags(t *testing.T) {
	r := newRig(t, opcuatest.Options{})
	r.server.Add("LineA.A1.State", int32(6))
	state := r.addTag("State", plant.KindInt, "nsu="+opcuatest.Namespace+";s=LineA.A1.State")
	looks := r.discovering()
	x := r.start()
	if f := r.look(looks); len(f.New) != 0 || len(f.Gone) != 0 {
		t.Errorf("before: got new %v, gone %v; want none", newPaths(f), f.Gone)
	}
	r.wait("a value", func() bool { return len(r.samples(state)) == 1 })
	addr := r.server.Addr()
	r.server.Close()
	x.fails()
	r.server = opcuatest.Start(t, opcuatest.Options{Listen: addr, Namespaces: []string{"urn:northfield:other", opcuatest.Namespace}})
	r.server.Add("LineA.A1.State", int32(9))
	r.start()
	f := r.look(looks)
	if len(f.New) != 0 || len(f.Gone) != 0 || len(f.Nodes) != 1 || f.Nodes[0].ID.Namespace() != 3 || f.Tree.Address(f.Nodes[0]) != state.Address {
		t.Errorf("after: got new %v, gone %v, nodes %v; want the same tag in another namespace", newPaths(f), f.Gone, f.Nodes)
	}
	r.wait("its value goes on", func() bool {
		list := r.samples(state)
		return len(list) > 1 && list[len(list)-1].Value == plant.Int(9)
	})
}

func TestAServerThatTellsOfItsNewNodesIsLookedThroughSoon(t *testing.T) {
	r := newRig(t, opcuatest.Options{})
	r.add("State", plant.KindInt, int32(6))
	looks := r.discovering()
	r.start()
	if f := r.look(looks); len(f.New) != 0 {
		t.Errorf("at first: got new %v, want none", newPaths(f))
	}
	r.server.Add("LineA.A2.State", int32(6))
	// The source may not listen yet, and a server tells only those who do.
	told := time.NewTicker(100 * time.Millisecond)
	defer told.Stop()
	limit := time.After(waitLimit)
	for {
		select {
		case <-told.C:
			r.server.Notify(id.GeneralModelChangeEventType)
		case f := <-looks:
			if got := newPaths(f); !slices.Equal(got, []string{"LineA/A2/State"}) {
				t.Errorf("got new %v, want the state of the second machine", got)
			}
			return
		case <-limit:
			t.Fatal("the server was not looked through again")
		}
	}
}
