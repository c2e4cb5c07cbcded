package configs_test

import (
	"testing"

	"andon/collector/opcua/browse"
)

// TestWhatAServerCallsThingsComesBackFromTheFile writes what servers may say,
// whether by mistake or with intent, and reads it again.
func TestWhatAServerCallsThingsComesBackFromTheFile(t *testing.T) {
	file := discoveringPlant(t)
	cfg, _ := loadGrown(t, file)
	for _, text := range []string{
		"a b", `a"b\c`, "a\x7fb", "a\u0085b", "a\u2028b", "a\u2029b", "a\ufeffb", "\ufeff", "a\u009fb", "a\x00b", "a\x1b[2Jb", "a\nb: c", "a\r\nb", "a\tb", " a ", "a: b # c",
		"${env:HOME}", "$${env:HOME}", "$${file:x}", "${file:/etc/passwd}", "{a}", "*a", "&a", "!a", "a\U0010ffffb", "a\ufffeb", "a\ufffdb", "a'b", "%a", "@a", "`a", "- a", "? a", "a\\x41", `a\u0041`, "a/b", `a\/b`, "😀",
	} {
		address := "nsu=urn:plant;s=" + text
		place := foundTag("lineA", "A1", "vib", address)
		place.Node = &browse.Node{DataType: "Float" + text, UnitText: text}
		place.Tag.Unit = ""
		if err := cfg.WriteDiscovered("packing", []browse.Place{place, foundTag("lineA", "A1", "last", "nsu=urn:plant;i=7")}); err != nil {
			t.Fatal(err)
		}
		areas, err := cfg.Discovered("packing")
		if err != nil {
			t.Errorf("%q: got %v", text, err)
			continue
		}
		got := browse.Places(areas)
		if len(got) != 2 || got[0].Tag.Address != address {
			t.Errorf("%q: got %+v", text, got)
		}
	}
}
