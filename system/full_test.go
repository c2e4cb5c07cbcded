package system_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"andon/alerts"
	"andon/plant"
	"andon/store"
)

// The disk of the test's own process is filled by forbidding files to grow, so
// this runs in a process of its own, which must not write anything else.
const childDir = "ANDON_SYSTEM_TEST_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := fillDisk(dir); err != nil {
			fmt.Fprintln(os.Stderr, "child:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestAFullDiskCallsPeopleAlthoughNothingCanBeStoredAndIsRecordedAfterwards(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childDir+"="+t.TempDir())
	cmd.Stderr, cmd.Stdout = t.Output(), t.Output()
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
}

// fillDisk tells the story of a disk that is full for a while.
func fillDisk(dir string) error {
	signal.Ignore(syscall.SIGXFSZ)
	p, hangUp := newPhone()
	defer hangUp()
	h, err := newHouse(dir, "http://127.0.0.1:1", p.url)
	if err != nil {
		return err
	}
	h.system.InfluxBehind.Enabled = false
	ctx := context.Background()
	if err := h.start(ctx); err != nil {
		return err
	}
	if err := h.says(ctx, vibration, plant.Float(1)); err != nil {
		return err
	}
	err = h.outlive(ctx, p)
	if err != nil {
		return fmt.Errorf("%w; messages:\n%s", err, p.all())
	}
	return h.run.stop()
}

func (h *house) outlive(ctx context.Context, p *phone) error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	full := syscall.Rlimit{Cur: 1, Max: limit.Max}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &full); err != nil {
		return err
	}
	first, err := p.ring(alerts.KindRaised, "stream-blocked")
	if err != nil {
		return err
	}
	if _, err := p.ring(alerts.KindEscalated, "stream-blocked"); err != nil { // nobody can take it, so the lead is called
		return err
	}
	if got, err := h.alarms(ctx, "stream-blocked"); err != nil || len(got) != 0 {
		return fmt.Errorf("records of a full disk: got %+v, %w; want none", got, err)
	}
	if a := h.run.watcher.Active(); len(a) == 0 || a[0].Rule != "stream-blocked" || !a[0].Direct {
		return fmt.Errorf("shown: got %+v, want that it is told directly", a)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	over, err := p.ring(alerts.KindResolved, "stream-blocked")
	if err != nil {
		return err
	}
	if over.Alarm != first.Alarm {
		return fmt.Errorf("resolved alarm %s, people know it as %s", over.Alarm, first.Alarm)
	}
	return h.told(ctx, p, first)
}

// told wants the alarm that people were told of directly in the records, and
// nobody called twice.
func (h *house) told(ctx context.Context, p *phone, first alerts.Message) error {
	for kind, want := range map[alerts.Kind]int{alerts.KindRaised: 1, alerts.KindEscalated: 1} {
		if n := len(p.calls(kind, first.About.Rule)); n != want {
			return fmt.Errorf("%s: got %d calls, want %d", kind, n, want)
		}
	}
	got, err := h.alarms(ctx, first.About.Rule)
	if err != nil || len(got) != 1 {
		return fmt.Errorf("records: got %+v, %w; want one alarm", got, err)
	}
	moves, err := h.run.store.Transitions(ctx, first.Alarm)
	if err != nil || len(moves) != 2 {
		return fmt.Errorf("history: got %v, %w; want its beginning and its end", moves, err)
	}
	told := slices.Sorted(slices.Values(got[0].Told))
	if !slices.Equal(told, []string{"lead", "phone"}) || got[0].Raised.Event > got[0].Raised.Stream || got[0].Active {
		return fmt.Errorf("alarm: got %+v, want it over, begun before it was recorded, with both told", got[0])
	}
	return nil
}

func TestRecordsThatCannotBeWrittenCallPeopleAndAreCompleteAfterwards(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.begin()
	s.must(s.says(t.Context(), vibration, plant.Float(1)))
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.dir, "andon.db")+"?_pragma=busy_timeout(10000)")
	s.must(err)
	defer db.Close()
	_, err = db.ExecContext(t.Context(), `CREATE TRIGGER full BEFORE UPDATE ON progress BEGIN SELECT RAISE(FAIL, 'disk is full'); END`)
	s.must(err)
	first := s.ring(alerts.KindRaised, "records-blocked")
	s.ring(alerts.KindEscalated, "records-blocked")
	_, err = db.ExecContext(t.Context(), `DROP TRIGGER full`)
	s.must(err)
	if over := s.ring(alerts.KindResolved, "records-blocked"); over.Alarm != first.Alarm {
		t.Errorf("resolved: got alarm %s, want %s", over.Alarm, first.Alarm)
	}
	s.must(s.told(t.Context(), s.phone, first))
	queued, err := s.run.store.Deliveries(t.Context(), first.Alarm, 0)
	for _, d := range queued {
		if d.State != store.Sent && d.State != store.Sending && d.State != store.Queued {
			t.Errorf("outbox: got %+v, want only that it is over", d)
		}
	}
	if err != nil || len(queued) != 2 {
		t.Errorf("outbox: got %d messages, %v; want the two that it is over", len(queued), err)
	}
}
