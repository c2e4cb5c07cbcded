package web_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"andon/collector"
	"andon/web"
)

// troubledSources is a site with a source that is well, one that is down, one
// with many tags in trouble and one that never was up.
func troubledSources(t *testing.T) *site {
	t.Helper()
	s := full(t, nil)
	var troubled, down collector.Status
	troubled.Up(wall.Add(-time.Hour))
	for i := range 150 {
		troubled.Trouble(fmt.Sprintf("northfield/packing/lineA/A1/zone%03d", i), "StatusBadNodeIDUnknown")
	}
	troubled.OwnTrouble("server certificate", "expires on 2026-03-20: renew it at the server <soon>")
	troubled.Via("opc.tcp://plc-a:4840")
	down.Down(wall.Add(-time.Minute), errors.New("dial refused"))
	s.sources = append(s.sources, troubled.Health("packing"), down.Health("moulding"), collector.Health{Source: "mqtt-3"})
	return s
}

func sourceless(t *testing.T) *site {
	t.Helper()
	s := full(t, nil)
	s.sources = nil
	return s
}

type sourceAnswer struct {
	Source   string
	Up       bool
	Since    *time.Time
	Error    string
	Via      string
	Troubles []struct {
		Of, Text string
		Own      bool
	}
}

func TestAProgramSeesWhichTagsAreInTrouble(t *testing.T) {
	s := troubledSources(t)
	got := decode[struct{ Sources []sourceAnswer }](t, s.expect(s.get("/api/v1/sources"), http.StatusOK)).Sources
	if len(got) != 4 {
		t.Fatalf("got %d sources, want 4", len(got))
	}
	packing, moulding, never := got[1], got[2], got[3]
	if !packing.Up || !packing.Since.Equal(wall.Add(-time.Hour)) || packing.Via != "opc.tcp://plc-a:4840" || len(packing.Troubles) != 151 {
		t.Fatalf("packing: got %+v", packing)
	}
	if first, second := packing.Troubles[0], packing.Troubles[1]; !first.Own || first.Of != "server certificate" || second.Own || second.Of != "northfield/packing/lineA/A1/zone000" || second.Text != "StatusBadNodeIDUnknown" {
		t.Errorf("troubles: got %+v and %+v, want that of the source first", first, second)
	}
	if moulding.Up || moulding.Error != "dial refused" || never.Up || never.Since != nil {
		t.Errorf("got %+v and %+v, want both down, the latter for ever", moulding, never)
	}
	one := decode[struct{ Sources []sourceAnswer }](t, s.expect(s.get("/api/v1/sources?source=moulding"), http.StatusOK)).Sources
	if len(one) != 1 || one[0].Source != "moulding" {
		t.Errorf("one source: got %+v", one)
	}
	s.refused(s.get("/api/v1/sources?source=nobody"), http.StatusNotFound, "unknown_source")
}

func TestReadinessNamesTagsInTrouble(t *testing.T) {
	s := troubledSources(t)
	got := decode[struct {
		Sources []struct {
			Source   string
			Troubles map[string]string
		}
	}](t, s.expect(s.get("/readyz"), http.StatusServiceUnavailable))
	packing := got.Sources[1]
	if len(packing.Troubles) != 151 || packing.Troubles["northfield/packing/lineA/A1/zone149"] != "StatusBadNodeIDUnknown" || !strings.HasPrefix(packing.Troubles["server certificate"], "expires on") {
		t.Errorf("troubles: got %d, want 150 tags and the certificate", len(packing.Troubles))
	}
}

// While the page is made a source may come up, and another one go down.
func TestEachSourceIsOnThePageOnceWhateverHappensToItMeanwhile(t *testing.T) {
	asked := 0
	s := newSiteWith(t, nil, func(o *web.Options) {
		o.Sources = func() []collector.Health {
			asked++
			return []collector.Health{{Source: "comes", Up: asked > 2, Since: wall}, {Source: "goes", Up: asked <= 2, Since: wall}}
		}
	})
	_, page, _ := strings.Cut(s.expect(s.asked("/sources"), http.StatusOK), "<main>")
	for _, name := range []string{"comes", "goes"} {
		if got := strings.Count(page, "> "+name+"<"); got != 1 {
			t.Errorf("%s: got it %d times, want once", name, got)
		}
	}
}

// Nobody counts more than a thousand tags in trouble.
func TestAPersonSeesThatThereMayBeMoreTroublesThanAreKept(t *testing.T) {
	for count, want := range map[int]string{999: ">and 899 more<", 1000: ">and at least 900 more<", 1200: ">and at least 900 more<"} {
		s := full(t, nil)
		var troubled collector.Status
		troubled.Up(wall)
		for i := range count {
			troubled.Trouble(fmt.Sprintf("northfield/packing/lineA/A1/zone%04d", i), "StatusBadNodeIDUnknown")
		}
		s.sources = []collector.Health{troubled.Health("packing")}
		if page := s.expect(s.asked("/sources"), http.StatusOK); !strings.Contains(page, want) {
			t.Errorf("%d tags in trouble: got no %q", count, want)
		}
		troubled.OwnTrouble("server certificate", "expires soon")
		if got := troubled.Health("packing").Full(); got != (count >= 1000) {
			t.Errorf("%d tags in trouble and the source itself: got full %v", count, got)
		}
	}
}

// A crowd of tags must not make the page so long that nobody reads it.
func TestAPersonSeesTheSourcesThatAreDownFirst(t *testing.T) {
	s := troubledSources(t)
	_, page, _ := strings.Cut(s.expect(s.asked("/sources"), http.StatusOK), "<main>")
	at := -1
	for _, want := range []string{"> moulding<", "dial refused", "> mqtt-3<", "not connected yet", "> packing<", "server certificate", "lineA/A1/zone000", "lineA/A1/zone098", "and 51 more", "> opcua-1<"} {
		i := strings.Index(page, want)
		if i <= at {
			t.Errorf("%q: got it at %d, want it behind %d", want, i, at)
		}
		at = max(at, i)
	}
	if strings.Contains(page, "zone099") {
		t.Error("got more than 100 troubles of one source")
	}
}
