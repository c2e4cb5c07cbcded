package influx_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"andon/influx"
	"andon/influx/influxtest"
	"andon/plant"
)

func TestOneBadLineOfFiveThousandCostsOnlyItself(t *testing.T) {
	for _, c := range []struct {
		name    string
		refusal influxtest.Refusal
	}{
		{"400 with the others taken", influxtest.Refusal{Status: 400, Partial: true}},
		{"400 with none taken", influxtest.Refusal{Status: 400, Text: "unable to parse 'telemetry ...': invalid number"}},
		{"422", influxtest.Refusal{Status: 422, Partial: true, Text: `partial write: field type conflict: input field "x" on measurement "m" is type float, already exists as type integer dropped=1`}},
		{"500 with a field type conflict", influxtest.Refusal{Status: 500, Text: "unexpected error writing points to database: field type conflict"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := influxtest.NewServer(t)
			c.refusal.Bad = func(line string) bool { return strings.Contains(line, "speed=3210.5 ") }
			server.Refuse(c.refusal)
			s := newStream()
			for i := range 5 {
				s.samples(speeds(t, i*1000, 1000)...)
			}
			w := run(t, s, config(t, server.URL))
			w.written(5)
			w.stop()

			taken := map[string]bool{}
			for _, line := range server.Lines() {
				taken[line] = true
			}
			if len(taken) != 4999 {
				t.Errorf("stored: got %d lines, want 4999", len(taken))
			}
			dead := w.deadLetters()
			if len(dead) != 1 || !strings.Contains(dead[0].Line, "speed=3210.5 ") || dead[0].Area != "packing" {
				t.Fatalf("dead letters: got %+v, want the bad line", dead)
			}
			if want := c.refusal.Text; !strings.Contains(dead[0].Reason, want) {
				t.Errorf("reason: got %q, want %q in it", dead[0].Reason, want)
			}
			if n := len(server.Requests()); n > 40 {
				t.Errorf("requests to find one bad line: got %d, want at most 40", n)
			}
			if got := w.metric("written_lines_total"); got != 4999 {
				t.Errorf("lines counted: got %v, want 4999", got)
			}
			if got := s.saved(); got != 5 {
				t.Errorf("position: got %d, want 5", got)
			}
		})
	}
}

func TestOutagesAreWaitedForWithThePositionKept(t *testing.T) {
	hang := make(chan struct{})
	for _, c := range []struct {
		name, reason string
		answer       influxtest.Answer
	}{
		{"429", "rate_limit", influxtest.Answer{Status: 429}},
		{"500", "server", influxtest.Answer{Status: 500, Body: `{"error":"engine: cache maximum memory size exceeded"}`}},
		{"502 of a proxy", "server", influxtest.Answer{Status: 502, Body: "<html>Bad Gateway</html>"}},
		{"503", "server", influxtest.Answer{Status: 503}},
		{"408", "timeout", influxtest.Answer{Status: 408}},
		{"504 of a proxy", "timeout", influxtest.Answer{Status: 504}},
		{"no answer", "timeout", influxtest.Answer{Until: hang}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := influxtest.NewServer(t)
			server.AnswerAlways(c.answer)
			cfg := config(t, server.URL)
			cfg.Timeout = time.Second
			s := newStream()
			s.samples(speeds(t, 0, 10)...)
			w := run(t, s, cfg)
			eventually(t, "the third try", func() bool { return len(server.Requests()) >= 3 })
			if err := w.Healthy(); err == nil {
				t.Error("health in an outage: got nil")
			}
			if got := s.saved(); got != 0 {
				t.Errorf("position in an outage: got %d, want 0", got)
			}
			if lag := w.Lag(); !lag.Known || lag.Messages != 1 || lag.Oldest == 0 {
				t.Errorf("lag in an outage: got %+v, want one message that waits", lag)
			}
			server.Recover()
			w.written(1)
			if got := len(server.Lines()); got != 10 {
				t.Errorf("lines after the outage: got %d, want 10", got)
			}
			if err := w.Healthy(); err != nil {
				t.Errorf("health after the outage: got %v", err)
			}
			if n := w.metric("retries_total"); n < 2 {
				t.Errorf("retries: got %v, want at least 2", n)
			}
			if dead := w.deadLetters(); len(dead) > 0 {
				t.Errorf("dead letters: got %v, want none", dead)
			}
		})
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	server := influxtest.NewServer(t)
	server.Answer(influxtest.Answer{Status: 429, RetryAfter: "1"}, influxtest.Answer{Status: 503, RetryAfter: time.Now().Add(3 * time.Second).UTC().Format(http.TimeFormat)})
	s := newStream()
	s.samples(speeds(t, 0, 1)...)
	run(t, s, config(t, server.URL)).written(1)
	r := server.Requests()
	if len(r) != 3 {
		t.Fatalf("requests: got %d, want 3", len(r))
	}
	if got := r[1].Time.Sub(r[0].Time); got < time.Second {
		t.Errorf("second try after %v, want at least the second that the server asked for", got)
	}
	if got := r[2].Time.Sub(r[0].Time); got < 2*time.Second {
		t.Errorf("third try after %v, want at the time that the server named", got)
	}
}

func TestRefusedCredentialsHoldTheStreamAndSaySo(t *testing.T) {
	for _, status := range []int{401, 403, 404, 405} {
		server := influxtest.NewServer(t)
		server.AnswerAlways(influxtest.Answer{Status: status, Body: `{"code":"x","message":"bucket \"plant\" not for you"}`})
		s := newStream()
		s.samples(speeds(t, 0, 10)...)
		w := run(t, s, config(t, server.URL))
		eventually(t, "the second try", func() bool { return len(server.Requests()) >= 2 })
		err := w.Healthy()
		if err == nil || !strings.Contains(err.Error(), `bucket "plant" not for you`) || !strings.Contains(err.Error(), "held") {
			t.Errorf("health with %d: got %v, want that it is held and what the server said", status, err)
		}
		if got := w.metric("held"); got != 1 {
			t.Errorf("held with %d: got %v, want 1", status, got)
		}
		server.Recover()
		w.written(1)
		w.stop()
		if got := len(server.Lines()); got != 10 || len(w.deadLetters()) > 0 || w.Healthy() != nil {
			t.Errorf("after %d: got %d lines, dead letters %v, health %v; want 10, none, nil", status, got, w.deadLetters(), w.Healthy())
		}
	}
}

func TestWrongConfigurationDoesNotKillLines(t *testing.T) {
	server := influxtest.NewServer(t)
	server.AnswerAlways(influxtest.Answer{Status: 400, Body: `{"code":"invalid","message":"please provide either orgID or org"}`})
	s := newStream()
	s.samples(speeds(t, 0, 100)...)
	w := run(t, s, config(t, server.URL))
	eventually(t, "the second try", func() bool { return len(server.Requests()) >= 2 })
	if err := w.Healthy(); err == nil || !strings.Contains(err.Error(), "held") {
		t.Errorf("health: got %v, want that it is held", err)
	}
	server.Recover()
	w.written(1)
	if got := len(server.Lines()); got != 100 || len(w.deadLetters()) > 0 {
		t.Errorf("got %d lines and dead letters %v, want 100 and none", got, w.deadLetters())
	}
}

func TestLargeRequestsAreSplitAndTheSizeIsRemembered(t *testing.T) {
	server := influxtest.NewServer(t)
	server.LimitBytes(20_000)
	cfg := config(t, server.URL)
	cfg.Gzip = influx.CompressOff
	s := newStream()
	for i := range 10 {
		s.samples(speeds(t, i*1000, 1000)...)
	}
	w := run(t, s, cfg)
	w.written(10)
	if got := len(server.Lines()); got != 10_000 {
		t.Errorf("stored: got %d lines, want 10000", got)
	}
	refused := 0
	for _, r := range server.Requests() {
		if r.Status == http.StatusRequestEntityTooLarge {
			refused++
		}
	}
	if refused == 0 || refused > 6 {
		t.Errorf("requests refused for their size: got %d, want a few and then no more", refused)
	}
	if dead := w.deadLetters(); len(dead) > 0 {
		t.Errorf("dead letters: got %d, want none", len(dead))
	}
}

func TestLineThatIsTooLargeAloneIsDead(t *testing.T) {
	server := influxtest.NewServer(t)
	server.LimitBytes(2_000)
	cfg := config(t, server.URL)
	cfg.Gzip = influx.CompressOff
	s := newStream()
	samples := speeds(t, 0, 10)
	samples[4] = sample(t, a1+"alarm_id", plant.Text(strings.Repeat("x", 5000)), 4)
	s.samples(samples...)
	w := run(t, s, cfg)
	w.written(1)
	if got, dead := len(server.Lines()), w.deadLetters(); got != 9 || len(dead) != 1 {
		t.Errorf("got %d lines and %d dead letters, want 9 and 1", got, len(dead))
	}
}

func TestBadFieldCostsOnlyItself(t *testing.T) {
	server := influxtest.NewServer(t)
	server.Refuse(influxtest.Refusal{Bad: func(line string) bool { return strings.Contains(line, "state=6i") }})
	s := newStream()
	s.samples(sample(t, a1+"speed", plant.Float(1.5), 0), sample(t, a1+"state", plant.Int(6), 0), sample(t, a1+"estop", plant.Bool(false), 0))
	w := run(t, s, config(t, server.URL))
	w.written(1)
	if got := strings.Join(server.Lines(), "|"); !strings.Contains(got, "speed=1.5") || !strings.Contains(got, "estop=false") {
		t.Errorf("stored: got %s, want speed and estop", got)
	}
	if dead := w.deadLetters(); len(dead) != 1 || !strings.HasPrefix(dead[0].Line, series+"state=6i ") {
		t.Errorf("dead letters: got %v, want the field state alone", dead)
	}
}

func TestTypeThatInfluxDB3HasIsLearned(t *testing.T) {
	server := influxtest.NewServer(t)
	answer := `{"error":"partial write of line protocol occurred","data":[{"original_line":"telemetry,area=packing speed=1.5 1","line_number":1,` +
		`"error_message":"invalid column type for column 'speed', expected iox::column_type::field::integer, got iox::column_type::field::float"}]}`
	server.Answer(influxtest.Answer{Status: 400, Body: answer})
	s := newStream()
	s.samples(speeds(t, 0, 2)...)
	w := run(t, s, config(t, server.URL))
	w.written(1)
	if got := server.Lines(); len(got) != 2 || !strings.Contains(got[0], "speed_float=0.5") {
		t.Errorf("stored: got %v, want the field speed_float", got)
	}
	if dead := w.deadLetters(); len(dead) > 0 {
		t.Errorf("dead letters: got %v, want none", dead)
	}
}

func TestPointsBeyondRetentionAreCountedNotRetried(t *testing.T) {
	server := influxtest.NewServer(t)
	server.Answer(influxtest.Answer{Status: 422, Body: `{"code":"unprocessable entity","message":"failure writing points to database: partial write: points beyond retention policy dropped=7"}`})
	s := newStream()
	s.samples(speeds(t, 0, 10)...)
	w := run(t, s, config(t, server.URL))
	w.written(1)
	if got, n := w.metric("dropped_values_total"), len(server.Requests()); got != 7 || n != 1 {
		t.Errorf("got %v dropped in %d requests, want 7 in 1", got, n)
	}
}
