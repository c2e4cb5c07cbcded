package web_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"andon/plant"
	"andon/web"
)

// run starts the site's server and returns its address and what its Run
// returns after stop.
func (s *site) run() (address string, stop func() error) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.server.Run(ctx) }()
	address = "http://" + s.server.Addr()
	stopped := false
	stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		return <-done
	}
	s.t.Cleanup(func() {
		if err := stop(); err != nil {
			s.t.Errorf("run: got %v, want nil", err)
		}
	})
	return address, stop
}

// An event is one server-sent event.
type event struct {
	name string
	data struct {
		Now   int64
		Build string
		List  string
		Order []string
		Items []struct{ ID, HTML string }
		Parts []struct{ ID, HTML string }
	}
}

func (e event) item(id string) string {
	for _, x := range e.data.Items {
		if x.ID == id {
			return x.HTML
		}
	}
	return ""
}

func (e event) part(id string) string {
	for _, x := range e.data.Parts {
		if x.ID == id {
			return x.HTML
		}
	}
	return ""
}

// A stream is an open connection for events.
type stream struct {
	t     *testing.T
	lines *bufio.Scanner
}

func (s *site) listen(address string) *stream {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	s.t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { res.Body.Close() })
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream" || res.Header.Get("X-Accel-Buffering") != "no" {
		s.t.Fatalf("events: got %d with %v, want a stream that proxies pass on", res.StatusCode, res.Header)
	}
	return newStream(s.t, res)
}

func newStream(t *testing.T, res *http.Response) *stream {
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20) // the first patch is one long line
	return &stream{t: t, lines: lines}
}

// next returns the next event of that name; ok is false at the end.
func (st *stream) next(name string) (e event, ok bool) {
	st.t.Helper()
	for st.lines.Scan() {
		key, value, _ := strings.Cut(st.lines.Text(), ": ")
		switch key {
		case "event":
			e.name = value
		case "data":
			if e.name != name {
				continue
			}
			if err := json.Unmarshal([]byte(value), &e.data); err != nil {
				st.t.Fatalf("event %s: %v in %s", name, err, value)
			}
			return e, true
		}
	}
	return e, false
}

func (st *stream) want(name string) event {
	st.t.Helper()
	e, ok := st.next(name)
	if !ok {
		st.t.Fatalf("stream: got its end (%v), want an event %s", st.lines.Err(), name)
	}
	return e
}

func TestAChangeReachesTheBoardAsItsRowAlone(t *testing.T) {
	s := full(t, nil)
	address, _ := s.run()
	st := s.listen(address + "/api/v1/events?topics=board")
	all := st.want("board")
	if all.data.List != "board" || len(all.data.Order) != 7 || len(all.data.Items) != 7 || len(all.data.Parts) == 0 || all.data.Now != wall.UnixMilli() {
		t.Fatalf("first patch: got %+v, want everything", all.data)
	}
	live := s.everyState()
	live[0] = s.live(lineB+"/B1", plant.StateFault, 0)
	s.engine.change(live)
	p := st.want("board")
	id := "r-" + lineB + "/B1"
	if len(p.data.Items) != 1 || !strings.Contains(p.item(id), "FAULT") {
		t.Errorf("patch: got %+v, want B1's row alone, in fault", p.data.Items)
	}
	if got := slices.Index(p.data.Order, id); got != 2 {
		t.Errorf("place of B1: got %d, want 2, after the safety stop and the older fault", got)
	}
}

func TestAnAlarmReachesTheAlarmListAndItsCount(t *testing.T) {
	s := full(t, nil)
	address, _ := s.run()
	st := s.listen(address + "/api/v1/events?topics=alarms")
	if got := st.want("alarms"); !slices.Equal(got.data.Order, []string{"a-alarm-hot", "a-alarm-taken"}) {
		t.Fatalf("first patch: got %v, want the open alarms, the unacknowledged first", got.data.Order)
	}
	producing := s.everyState()
	producing[1].KPI.Good++ // the line's figures are no news on the alarm list
	s.engine.change(producing)
	again := hot()
	again.ID, again.Priority, again.Equipment = "alarm-new", plant.PriorityCritical, lineB+"/B1"
	s.record(again)
	s.engine.change(producing)
	p := st.want("alarms")
	if len(p.data.Items) != 1 || p.part("summary") != "" || p.data.Order[0] != "a-alarm-new" || p.part("count") != "3 alarms, 2 unacked" {
		t.Errorf("patch: got %+v, want the new alarm on top and the count", p.data)
	}
}

func TestAPageHearsFromAQuietServerAndOfTroubleInAndon(t *testing.T) {
	s := full(t, func(c *web.Config) { c.Heartbeat = 100 * time.Millisecond })
	address, _ := s.run()
	st := s.listen(address + "/api/v1/events?topics=board,alarms,board&equipment=" + lineA)
	first := st.want("heartbeat")
	if first.data.Build == "" || first.data.Now != wall.UnixMilli() {
		t.Errorf("heartbeat: got %+v, want the time and the build", first.data)
	}
	if got := st.want("board"); len(got.data.Order) != 4 {
		t.Errorf("board of line A: got %v, want its four equipments", got.data.Order)
	}
	s.influx.Store("no route <to> host")
	for {
		if p := st.want("board"); p.part("trouble") == "influx: no route &lt;to&gt; host" {
			break
		}
	}
	st.want("heartbeat")
}

func TestTheNumberOfListenersIsBounded(t *testing.T) {
	s := full(t, func(c *web.Config) { c.MaxClients = 1 })
	address, _ := s.run()
	st := s.listen(address + "/api/v1/events?topics=board")
	st.want("board")
	res, err := http.Get(address + "/api/v1/events?topics=board")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.Header.Get("Retry-After") == "" {
		t.Error("Retry-After: got none, want when to come again")
	}
	s.refused(res, http.StatusServiceUnavailable, "too_many_clients")
}

func TestTheServerStopsWhilePagesListen(t *testing.T) {
	s := full(t, nil)
	address, stop := s.run()
	st := s.listen(address + "/api/v1/events?topics=board")
	st.want("board")
	begun := time.Now()
	if err := stop(); err != nil {
		t.Errorf("run: got %v, want nil", err)
	}
	if took := time.Since(begun); took > 4*time.Second {
		t.Errorf("stop: got %v, want less than the time after which requests are cut off", took)
	}
	if _, ok := st.next("board"); ok {
		t.Error("stream after the stop: got an event, want the end")
	}
}

func TestAnAddressInUseIsToldAndAddrDoesNotHang(t *testing.T) {
	s := full(t, nil)
	address, _ := s.run()
	other := full(t, func(c *web.Config) { c.Listen = strings.TrimPrefix(address, "http://") })
	if err := other.server.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "listen for the web") {
		t.Errorf("run: got %v, want that it cannot listen", err)
	}
	if got := other.server.Addr(); got != "" {
		t.Errorf("addr: got %q, want none", got)
	}
}
