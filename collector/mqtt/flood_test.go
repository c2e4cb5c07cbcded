package mqtt

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// A loud is an intake whose log a test reads.
type loud struct {
	*intake
	lines bytes.Buffer
}

func newLoud(t *testing.T) *loud {
	t.Helper()
	l := &loud{intake: newTestIntake(t, 1)}
	l.log = slog.New(slog.NewTextHandler(&l.lines, nil))
	return l
}

// gets takes a message that came so long after the first.
func (l *loud) gets(after time.Duration, topic, payload string) {
	l.decoder.decode(told(topic, payload), now.Add(after))
	l.report(l.decoder.target([]byte(topic)), told(topic, payload), now.Add(after))
}

// said compares the lines that were logged since the last look: "W slow" is
// a warning that shows this payload, "I" that the topic is well again.
func (l *loud) said(t *testing.T, when, want string) {
	t.Helper()
	var got []string
	for line := range strings.Lines(l.lines.String()) {
		if strings.Contains(line, "level=INFO") {
			got = append(got, "I")
			continue
		}
		_, payload, _ := strings.Cut(line, "payload=")
		got = append(got, "W "+strings.TrimSpace(payload))
	}
	l.lines.Reset()
	if g := strings.Join(got, ", "); g != want {
		t.Errorf("%s: logged %q, want %q", when, g, want)
	}
}

func TestTopicWhoseTroubleChangesWithEachMessageIsLoggedOnceInTenSeconds(t *testing.T) {
	l := newLoud(t)
	alternate := func(from, to time.Duration) {
		for at := from; at < to; at += 5 * time.Millisecond {
			l.gets(at, "x/total", "abc")
			l.gets(at, "x/total", "1.5")
		}
	}
	alternate(0, 5*time.Second) // 2,000 messages
	l.said(t, "in the first five seconds", "W abc")
	alternate(5*time.Second, 30*time.Second)
	l.said(t, "in the first half minute", "W 1.5, W abc")
	if got := counted(t, l.metrics.rejected[reasonTypeMismatch]); got != 12_000 {
		t.Errorf("rejected: got %v, want each of 12,000", got)
	}
	l.gets(31*time.Second, "x/total", "7")
	l.gets(39*time.Second, "x/total", "8")
	l.said(t, "well, not for long", "")
	l.gets(40*time.Second, "x/total", "9")
	l.gets(41*time.Second, "x/total", "10")
	l.said(t, "well for ten seconds", "I")
	l.gets(42*time.Second, "x/total", "1.5")
	l.said(t, "in trouble again", "W 1.5")
}

func TestTroubleThatStaysIsLoggedOnce(t *testing.T) {
	l := newLoud(t)
	for n := range 1000 {
		l.gets(time.Duration(n)*time.Second, "x/total", "abc")
	}
	l.said(t, "the same for a quarter of an hour", "W abc")
	l.gets(1000*time.Second, "x/total", "1.5")
	l.said(t, "another one, long after", "W 1.5")
}

func TestTroubleThatChangedWithinTenSecondsIsStillTold(t *testing.T) {
	l := newLoud(t)
	l.gets(0, "x/total", "abc")
	for n := 1; n < 30; n++ {
		l.gets(time.Duration(n)*time.Second, "x/total", "1.5")
	}
	l.said(t, "half a minute", "W abc, W 1.5")
	if got, want := l.status.Health("").Troubles["x/total"], "tag total: want uint, got float"; got != want {
		t.Errorf("health: got trouble %q, want %q", got, want)
	}
}

func TestTopicsAreLoggedEachByItself(t *testing.T) {
	l := newLoud(t)
	for n := range 20 {
		l.gets(time.Duration(n)*time.Second, "x/total", "abc")
		l.gets(time.Duration(n)*time.Second, "x/speed", "fast")
	}
	l.said(t, "two topics", "W abc, W fast")
}

func TestTroubleThatANewSessionFindsAsItWasIsNoNews(t *testing.T) {
	l := newLoud(t)
	l.gets(0, "x/total", "abc")
	l.said(t, "first session", "W abc")
	next := newLoud(t)
	next.status = l.status
	next.gets(time.Second, "x/total", "abc")
	next.said(t, "next session", "")
	for n := range 1000 {
		next.gets(time.Second+time.Duration(n)*time.Millisecond, "x/total", []string{"1.5", "abc"}[n%2])
	}
	next.said(t, "which alternates", "W 1.5")
}

func TestTopicsWithoutNumberAreOnlyCounted(t *testing.T) {
	l := newLoud(t)
	for n := range 1500 {
		for _, payload := range []string{"1", "2"} {
			l.gets(time.Duration(n)*time.Second, fmt.Sprintf("stranger/%d", n), payload)
		}
	}
	if got := strings.Count(l.lines.String(), "\n"); got != 1000 {
		t.Errorf("logged: got %d lines, want 1000", got)
	}
	if got := counted(t, l.metrics.rejected[reasonUnrouted]); got != 3000 {
		t.Errorf("rejected: got %v, want 3000", got)
	}
}
