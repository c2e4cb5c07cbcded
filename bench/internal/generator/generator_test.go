package generator_test

import (
	"strings"
	"testing"

	"andon/bench/internal/generator"
	"andon/bench/internal/proc"
)

// run starts a shell script as the generator.
func run(t *testing.T, script string) (*generator.Generator, error) {
	t.Helper()
	g := proc.NewGroup()
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	return generator.Run(t.Context(), g, proc.Spec{Name: "load", Args: []string{"sh", "-c", script}, Dir: t.TempDir()})
}

func TestTheLoadBeginsWhenItIsTold(t *testing.T) {
	gen, err := run(t, `echo '{"event":"ready"}'; read word
		echo '{"event":"start","at":1000}'; echo '{"event":"sent","at":2000,"sent":5}'; echo "{\"event\":\"done\",\"at\":3000,\"sent\":9,\"planned\":${#word}}"; read end`)
	if err != nil {
		t.Fatal(err)
	}
	if err := gen.Go(); err != nil {
		t.Fatal(err)
	}
	start, err := gen.Await(t.Context(), generator.Start)
	if err != nil || start.Time().UnixMilli() != 1000 {
		t.Errorf("start %+v, %v", start, err)
	}
	done, err := gen.Await(t.Context(), generator.Done)
	if err != nil || done.Sent != 9 || done.Planned != int64(len("go")) {
		t.Errorf("done %+v, %v", done, err)
	}
}

func TestALoadThatEndsTooSoonTellsWhy(t *testing.T) {
	gen, err := run(t, `echo '{"event":"ready"}'; read word; echo the broker hung up >&2; exit 1`)
	if err != nil {
		t.Fatal(err)
	}
	if err := gen.Go(); err != nil {
		t.Fatal(err)
	}
	if _, err := gen.Await(t.Context(), generator.Done); err == nil || !strings.Contains(err.Error(), "the broker hung up") {
		t.Errorf("error %v, want the last words", err)
	}
}

func TestALineThatIsNoEventIsRefused(t *testing.T) {
	if _, err := run(t, `echo hello; read word`); err == nil || !strings.Contains(err.Error(), "hello") {
		t.Errorf("error %v, want one that names the line", err)
	}
}
