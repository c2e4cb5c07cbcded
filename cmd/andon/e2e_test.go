package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"andon/plant"
)

type truthLine struct {
	Tag    string        `json:"tag"`
	Time   plant.Instant `json:"ts"`
	Value  plant.Value   `json:"value"`
	Status string        `json:"status"`
}

// readTruth returns what the plant of e2e.yaml told.
func readTruth(t *testing.T, file string) []truthLine {
	t.Helper()
	lines := jsonLines[truthLine](t, file)
	if len(lines) < 200 {
		t.Fatalf("the plant told %d changes, want some hundred", len(lines))
	}
	if n := len(wantStatuses(lines)["northfield/packing/lineA/A2/state"]); n != 4 {
		t.Fatalf("the plant lost and found A2 %d times, want 4", n)
	}
	return lines
}

// The whole daemon against a simulated plant and a real InfluxDB: started
// before the plant, killed in the middle, and nothing is missing or told
// twice.
func TestKilledInTheMiddleNothingIsLostAndNobodyIsCalledTwice(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 90 seconds of a plant's time")
	}
	t.Parallel()
	r := newRig(t, callPhone)
	first := r.andon()
	eventually(t, 30*time.Second, "andon runs although plant is away", func() error {
		status, err := r.get("/readyz", nil)
		if err == nil && status != 503 {
			err = fmt.Errorf("readyz: got %d, want 503", status)
		}
		return err
	})
	truth := filepath.Join(t.TempDir(), "truth.ndjson")
	scenario, err := filepath.Abs("testdata/e2e.yaml")
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	plantsim := r.plant(scenario, "--truth", truth, "--duration", "80s")
	r.ready(15 * time.Second)

	// At any moment at which no alarm begins and ends, while all equipment
	// goes on.
	at := rand.N(17*time.Second) + 31*time.Second
	away := rand.N(4*time.Second) + time.Second
	t.Logf("killed after %s for %s", at, away)
	time.AfterFunc(time.Until(begin.Add(at)), func() { first.cmd.Process.Kill() })
	<-first.done
	<-time.After(away)
	second := r.andon()
	r.ready(15 * time.Second)
	if at := time.Since(begin); at > 59*time.Second {
		t.Fatalf("andon came back after %s, too late for this scenario", at)
	}

	plantsim.ended(60 * time.Second)
	lines := readTruth(t, truth)
	eventually(t, 30*time.Second, "every change of the plant in InfluxDB", func() error { return r.compare(lines) })
	r.checkMessages(lines)
	r.checkDashboards(begin.Add(-time.Minute), begin.Add(10*time.Minute))
	second.stop()
}

// escalate tells the first on duty at once and the second after three
// seconds.
const escalate = `  contacts: {first: {webhook: {url: PHONE}}, second: {webhook: {url: PHONE}}}
  policies: {call: [{after: 0s, notify: [first]}, {after: 3s, notify: [second]}]}
  routes: [{policy: call}]
`

// In the scenario A1 breaks down after 22 s for 8 s and somebody stops B1 in an
// emergency after 25 s for 5 s.
func TestTheSecondOnDutyIsCalledUnlessTheFirstTakesTheAlarm(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 35 seconds of a plant's time")
	}
	t.Parallel()
	r := newRig(t, escalate)
	scenario, err := filepath.Abs("testdata/e2e.yaml")
	if err != nil {
		t.Fatal(err)
	}
	daemon := r.andon()
	r.plant(scenario, "--duration", "60s")
	var fault string
	eventually(t, 40*time.Second, "the fault of A1 among the open alarms", func() error {
		fault, err = r.openAlarm("fault", "northfield/packing/lineA/A1")
		return err
	})
	if status := r.acknowledge(fault, ""); status != http.StatusUnauthorized {
		t.Errorf("acknowledge without token: got %d, want 401", status)
	}
	if status := r.acknowledge(fault, "demo"); status != http.StatusOK {
		t.Errorf("acknowledge: got %d, want 200", status)
	}
	if status := r.acknowledge(fault, "demo"); status != http.StatusConflict {
		t.Errorf("acknowledge again: got %d, want 409", status)
	}
	eventually(t, 20*time.Second, "the emergency stop escalated", func() error { return r.told("escalated", "second", "emergency-stop") })
	eventually(t, 20*time.Second, "the fault resolved", func() error { return r.told("resolved", "first", "fault") })
	if err := r.told("acknowledged", "first", "fault"); err != nil {
		t.Errorf("the first on duty did not hear that it is taken: %v", err)
	}
	if err := r.told("escalated", "second", "fault"); err == nil {
		t.Error("the second on duty was called although the first had taken the fault")
	}
	daemon.stop()
}

func (r *rig) openAlarm(rule, equipment string) (id string, err error) {
	var list struct {
		Alarms []struct{ ID, Rule, Equipment string } `json:"alarms"`
	}
	if _, err := r.get("/api/v1/alarms?open=true", &list); err != nil {
		return "", err
	}
	for _, a := range list.Alarms {
		if a.Rule == rule && a.Equipment == equipment {
			return a.ID, nil
		}
	}
	return "", fmt.Errorf("got %v", list.Alarms)
}

func (r *rig) acknowledge(id, token string) int {
	r.t.Helper()
	req, err := http.NewRequest(http.MethodPost, r.url+"/api/v1/alarms/"+id+"/ack", strings.NewReader(`{"user":"Anna","comment":"on my way"}`))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

// told returns an error unless somebody got such a message.
func (r *rig) told(kind, to, rule string) error {
	r.phone.mu.Lock()
	defer r.phone.mu.Unlock()
	for _, m := range r.phone.msgs {
		if string(m.Kind) == kind && m.To == to && m.About.Rule == rule {
			return nil
		}
	}
	return fmt.Errorf("no message %s to %s about %s among %d", kind, to, rule, len(r.phone.msgs))
}

func TestCheckTellsTheUnknownSectionWithItsLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "andon.yaml")
	if err := os.WriteFile(file, []byte("plant: {site: \"\", zone: Mars, areas: []}\nsauces: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs strings.Builder
	err := run(t.Context(), []string{"check", "-c", file}, &out, &errs)
	if err == nil || !strings.Contains(errs.String(), file+":2: sauces: want one of the keys") {
		t.Errorf("check: got %v and %q, want the unknown section with its line", err, errs.String())
	}
}
