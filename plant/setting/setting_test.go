package setting_test

import (
	"slices"
	"testing"

	"andon/plant/setting"
)

func TestAProblemElsewhereKeepsItsPath(t *testing.T) {
	var part, source, whole setting.Problems
	part.Add("", "something")
	part.Add("tags", "something")
	part.AddElsewhere("plant.areas[0].name", "something")
	source.Under("polled[1]", part)
	whole.Under("sources[0].opcua", source)
	var got []string
	for _, p := range whole {
		got = append(got, p.Path)
	}
	want := []string{"sources[0].opcua.polled[1]", "sources[0].opcua.polled[1].tags", "plant.areas[0].name"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAddressesToListenAt(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1:8080": true, ":8080": true, "0.0.0.0:0": true, "[::1]:80": true, "[fe80::1%eth0]:80": true, "localhost:8080": true,
		"andon.northfield.example:443": true, "line_4.local:80": true,
		"": false, "abc": false, "8080": false, ":99999": false, ":65536": false, ":-1": false, ":http": false, "127.0.0.1:": false,
		"300.1.1.1:80": false, "1.2.3:80": false, "http://127.0.0.1:80": false, "a b:80": false, "::1:80": false, "-a:80": false, "host/path:80": false,
	} {
		if got := setting.IsListen(address); got != want {
			t.Errorf("%q: got %t, want %t", address, got, want)
		}
	}
}

func TestALongListIsCut(t *testing.T) {
	names := make([]string, 14)
	for i := range names {
		names[i] = string(rune('a' + i))
	}
	if got, want := setting.Some(names), "a, b, c, d, e, f, g, h, i, j, k, l and 2 more"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := setting.Some(names[:2]), "a, b"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
