package web_test

import (
	"net/http"
	"testing"

	"andon/production/productiontest"
)

// refusal is what an answer says of why nothing was done.
type refusal struct {
	Error struct {
		Code, Message string
		Current       *struct {
			Revision int64
			Last     struct{ Edit, User, Text string }
			Stop     *struct {
				Reason   string
				Revision int64
			}
		}
	}
}

// ben says something, perhaps in vain.
func (f *factory) ben(what string, fields map[string]any, header ...string) (int, refusal) {
	f.t.Helper()
	fields["user"] = "Ben"
	status, body := f.call(http.MethodPost, "/api/v1/stops/"+what, string(encode(f.t, fields)),
		append(header, "Authorization", "Bearer "+token, "Content-Type", "application/json")...)
	if status == http.StatusOK {
		return status, refusal{}
	}
	return status, decode[refusal](f.t, body)
}
func TestTwoPeopleAtOneStopDoNotOverwriteEachOther(t *testing.T) {
	f := newFactory(t)
	fault := f.stop(18, 40)
	seen := read[struct{ Stop struct{ Revision int64 } }](f, "/api/v1/stops/"+fault.ID, nil).Stop.Revision
	say := f.ben
	one := fault.ID + "/assign"
	if status, r := say(one, map[string]any{"reason": "no_operator", "revision": seen}); status != http.StatusOK {
		t.Fatalf("the first: got %d %+v, want it taken", status, r)
	}
	wantChanged := func(name string, status int, r refusal) {
		t.Helper()
		c := r.Error.Current
		if status != http.StatusConflict || r.Error.Code != "changed" || c == nil || c.Revision != seen+1 || c.Last.User != "Ben" ||
			c.Stop == nil || c.Stop.Reason != "no_operator" || c.Stop.Revision != seen+1 {
			t.Errorf("%s: got %d %+v, want 409 with the stop as it is now", name, status, r)
		}
	}
	status, r := say(one, map[string]any{"reason": "changeover", "revision": seen})
	wantChanged("the second", status, r)
	status, r = say(one, map[string]any{"reason": "changeover"}, "If-Match", `"0"`)
	wantChanged("the second with If-Match", status, r)
	status, r = say(one, map[string]any{"reason": "changeover"}, "If-Match", `W/"0"`)
	wantChanged("the second behind a proxy that compresses", status, r)
	status, r = say("assign", map[string]any{"reason": "changeover", "stops": []string{fault.ID, f.stop(10, 0).ID}, "revisions": map[string]any{fault.ID: seen}})
	wantChanged("several at once", status, r)
	if status, r := say("sign_off", map[string]any{"equipment": lineA, "from": f.at(0, 0), "to": f.at(60, 0), "revision": seen}); status != http.StatusConflict || r.Error.Code != "changed" || r.Error.Current.Stop != nil {
		t.Errorf("sign-off by who has not seen the reason: got %d %+v, want 409", status, r)
	}
	if status, r := say(one, map[string]any{"reason": "changeover", "revision": seen + 1}); status != http.StatusOK {
		t.Errorf("the second after another look: got %d %+v, want it taken", status, r)
	}
	if s := f.stop(18, 40); s.Reason != "changeover" || f.chains() != 2 {
		t.Errorf("stop: got %s after %d edits, want the reasons of both in turn", s.Reason, f.chains())
	}
}

func TestARevisionOfSomethingElseIsRefused(t *testing.T) {
	f := newFactory(t)
	fault, say := f.stop(18, 40), f.ben
	one := fault.ID + "/assign"
	for name, fields := range map[string]map[string]any{
		"one revision of two stops": {"reason": "changeover", "stops": []string{fault.ID, f.stop(10, 0).ID}, "revision": 1},
		"that of another stop":      {"reason": "changeover", "stops": []string{fault.ID}, "revisions": map[string]any{"other": 1}},
	} {
		if status, r := say("assign", fields); status != http.StatusBadRequest || r.Error.Code != "bad_revision" {
			t.Errorf("%s: got %d %+v, want 400", name, status, r)
		}
	}
	if status, r := say(one, map[string]any{"reason": "changeover"}, "If-Match", `W/"x"`); status != http.StatusBadRequest || r.Error.Code != "bad_revision" {
		t.Errorf("an If-Match of something else: got %d %+v, want 400", status, r)
	}
	if f.chains() != 0 {
		t.Errorf("got %d edits, want none", f.chains())
	}
}

func TestAnEditIsTakenBackOnceOverTheNetwork(t *testing.T) {
	f := newFactory(t)
	fault := f.stop(18, 40)
	edit := f.tells("stops/"+fault.ID+"/assign", map[string]any{"reason": "no_operator"})
	undo := f.tells("edits/"+edit+"/undo", nil)
	status, body := f.post("edits/"+edit+"/undo", nil)
	if r := decode[refusal](t, body); status != http.StatusConflict || r.Error.Code != "no_effect" {
		t.Errorf("taken back twice: got %d %s, want 409", status, body)
	}
	f.tells("edits/"+undo+"/undo", nil)
	if s := f.stop(18, 40); s.Reason != "no_operator" {
		t.Errorf("done again: got %s, want no_operator", s.Reason)
	}
	history := read[struct {
		History []struct {
			Kind string
			Was  struct{ Reason string }
		}
	}](f, "/api/v1/stops/"+fault.ID, nil).History
	if len(history) != 3 || history[0].Was.Reason != "E-204" || history[1].Was.Reason != "no_operator" || history[2].Was.Reason != "E-204" {
		t.Errorf("history: got %+v, want the reason before each", history)
	}
	f.tells("counts/adjust", map[string]any{"equipment": productiontest.A1, "from": f.at(0, 0), "to": f.at(60, 0), "scrap": 10})
	f.chains()
}
