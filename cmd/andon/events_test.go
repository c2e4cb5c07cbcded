package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"andon/collector/opcua/opcuatest"
	"andon/influx/influxtest"
)

// panelConfig is one machine whose panel has alarms of its own.
const panelConfig = `
data_dir: DATA
plant:
  site: northfield
  zone: Europe/Berlin
  areas:
    - name: packing
      lines: [{name: lineA, equipment: [{name: A1, source: plc, tags: [{name: speed, type: int, address: "ns=2;s=A1.Speed"}]}, {name: A2}]}]
    - name: moulding
      lines: [{name: lineB, equipment: [{name: B1}]}]
sources:
  - name: plc
    opcua:
      endpoint: SERVER
      security: {policy: None, insecure: true}
      publishing_interval: 50ms
      events: {}
collector: {retry_initial: 200ms, retry_max: 1s}
rules:
  - id: panel
    class: maintenance
    kind: event
    source: plc
    equipment: northfield/packing/lineA/*
    levels: [{priority: high, raise: ">= 700"}, {priority: low}]
    response: Look at the panel.
influx: {url: INFLUX, bucket: plant, create: true}
system: {disk_low: {enabled: false}}
alerts:
  contacts: {phone: {webhook: {url: PHONE}}}
  policies: {call: [{after: 0s, notify: [phone]}]}
  routes: [{policy: call}]
web: {listen: "127.0.0.1:PORT", token: demo}
`

// newPanelRig is a rig whose plant is one OPC UA server of the test.
func newPanelRig(t *testing.T) (*rig, *opcuatest.Server) {
	t.Helper()
	r := &rig{t: t, db: influxtest.Start(t), phone: newReceiver(t), dir: t.TempDir()}
	server := opcuatest.Start(t, opcuatest.Options{})
	server.Add("A1.Speed", int32(7))
	port := freePort(t)
	r.url = fmt.Sprintf("http://127.0.0.1:%d", port)
	text := strings.NewReplacer("DATA", strconv.Quote(filepath.Join(r.dir, "andon")), "SERVER", server.URL(), "INFLUX", strconv.Quote(r.db.URL()),
		"PHONE", strconv.Quote(r.phone.URL), "PORT", strconv.Itoa(port)).Replace(panelConfig)
	r.config = filepath.Join(r.dir, "andon.yaml")
	if err := os.WriteFile(r.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return r, server
}

// about returns what the phone was told of the panel's alarms.
func (r *receiver) about(condition string) (out []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.msgs {
		if strings.HasPrefix(m.About.Rule, "panel:"+condition+"-") {
			out = append(out, fmt.Sprintf("%s %s %s", m.Kind, m.About.Equipment, m.About.Message))
		}
	}
	return out
}

func (r *rig) wantTold(condition string, want ...string) {
	r.t.Helper()
	eventually(r.t, 30*time.Second, "the phone told of "+condition, func() error {
		if got := r.phone.about(condition); fmt.Sprint(got) != fmt.Sprint(want) {
			return fmt.Errorf("got %q, want %q", got, want)
		}
		return nil
	})
}

// The alarm of a panel calls once, whatever happens to andon, the link and the
// server meanwhile; it is taken in andon, and ends at the panel.
func TestAlarmOfAServerCallsOnceIsTakenAndEnds(t *testing.T) {
	if testing.Short() {
		t.Skip("starts andon three times")
	}
	t.Parallel()
	r, server := newPanelRig(t)
	hot := opcuatest.Condition{ID: "A1.Drive.Hot", Name: "Drive hot", Source: "A1", Message: "drive is too hot", Severity: 800, Active: true}
	server.Raise(hot)
	first := r.andon()
	const raised = "raised northfield/packing/lineA/A1 drive is too hot"
	r.wantTold("Drive-hot", raised)
	first.cmd.Process.Kill()
	<-first.done
	second := r.andon()
	r.ready(20 * time.Second)
	server.DropSessions() // the server starts anew
	server.Cut()
	asked := server.Refreshes()
	eventually(t, 20*time.Second, "a refresh after the cut", func() error {
		if n := server.Refreshes(); n <= asked {
			return fmt.Errorf("got %d refreshes, want more than %d", n, asked)
		}
		return nil
	})
	jam := opcuatest.Condition{ID: "A2.Jam", Name: "Jam", Source: "A2", Message: "jam", Severity: 100, Active: true}
	server.Raise(jam) // comes after what the refresh told
	r.wantTold("Jam", "raised northfield/packing/lineA/A2 jam")
	r.wantTold("Drive-hot", raised)

	id := r.panelAlarm("Drive-hot")
	if status := r.acknowledge(id, "demo"); status != http.StatusOK {
		t.Errorf("acknowledge: got %d, want 200", status)
	}
	hot.Active, hot.Acked = false, true
	server.Raise(hot)
	r.wantTold("Drive-hot", raised, "acknowledged northfield/packing/lineA/A1 drive is too hot", "resolved northfield/packing/lineA/A1 drive is too hot")
	r.checkPanelPoints(id)
	second.stop()
}

// panelAlarm returns the id of the open alarm of a condition.
func (r *rig) panelAlarm(condition string) (id string) {
	r.t.Helper()
	var list struct {
		Alarms []struct{ ID, Rule string } `json:"alarms"`
	}
	eventually(r.t, 10*time.Second, "the alarm in the API", func() error {
		if _, err := r.get("/api/v1/alarms?open=true", &list); err != nil {
			return err
		}
		for _, a := range list.Alarms {
			if strings.HasPrefix(a.Rule, "panel:"+condition+"-") {
				id = a.ID
				return nil
			}
		}
		return fmt.Errorf("got %v", list.Alarms)
	})
	return id
}

// checkPanelPoints wants the life of an alarm in InfluxDB.
func (r *rig) checkPanelPoints(id string) {
	r.t.Helper()
	const query = `SELECT event, state, condition, id FROM alarm WHERE rule = 'panel' AND equipment = 'A1' AND priority = 'high'`
	eventually(r.t, 20*time.Second, "the alarm in InfluxDB", func() error {
		var got []string
		for _, row := range r.db.Query("plant", query) {
			if row["id"] == id && strings.HasPrefix(row["condition"], "Drive-hot-") {
				got = append(got, row["event"]+" "+row["state"])
			}
		}
		if want := "[raised unacknowledged acknowledged acknowledged cleared normal]"; fmt.Sprint(got) != want {
			return fmt.Errorf("got %v, want %s", got, want)
		}
		return nil
	})
}
