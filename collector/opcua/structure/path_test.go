package structure

import (
	"strings"
	"testing"

	"andon/collector/opcua/skim"
)

func TestAPartIsReadAndWrittenAlike(t *testing.T) {
	for text, steps := range map[string]int{
		"[3]": 1, "speed": 1, "[3].speed": 2, "axes[1,2].temp[0]": 4, "[1][2]": 2, "motor.drive.speed": 3, "Ist Wert": 1, "[2147483647]": 1, "[0,0,0,0,0,0,0,0]": 1,
	} {
		p, err := ParsePath(text)
		if err != nil || len(p) != steps || p.String() != text {
			t.Errorf("%s: got %d steps, %q, error %v; want %d steps", text, len(p), p, err, steps)
		}
	}
	if p, err := ParsePath("[007]"); err != nil || p.String() != "[7]" {
		t.Errorf("[007]: got %q, error %v, want [7]", p, err)
	}
}

func TestWhatIsNoPartIsRefused(t *testing.T) {
	for _, text := range []string{
		"", ".speed", "speed.", "a..b", "[", "[]", "[a]", "[-1]", "[1", "1]", "[1,]", "[,1]", "[1 ]", "[2147483648]", "[3]speed", "a.[1]",
		"[0,0,0,0,0,0,0,0,0]", "[3]..speed", strings.Repeat("[0]", skim.MaxDepth+1),
	} {
		if p, err := ParsePath(text); err == nil {
			t.Errorf("%.50q: got %q, want an error", text, p)
		}
	}
}
