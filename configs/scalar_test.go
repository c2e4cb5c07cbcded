package configs_test

import (
	"strings"
	"testing"
	"time"

	"andon/configs"
)

// withProduct is base with a product that has one more key.
func withProduct(key string) string {
	return base + "production: {products: [{name: P1, " + key + "}]}\n"
}

func TestANumberIsOneNumberForEverybody(t *testing.T) {
	f := func(name, text, want string) {
		t.Helper()
		if got := faults(t, text); !containsPrefix(got, want) {
			t.Errorf("%s: got %q, want one that begins with %q", name, got, want)
		}
	}
	for _, text := range []string{"NaN", ".nan", "Inf", "-inf", "+Infinity", ".inf", "1e999", "0x1p4", "many"} {
		f("a margin of "+text, withProduct("margin: "+text), "19: production.products[0].margin: want a number, not")
	}
	rollover := func(text string) string {
		return strings.ReplaceAll(base, "role: state,", "role: state, rollover: "+text+",")
	}
	for _, text := range []string{"010", "0x10", "0o17", "0b11", "1__0", "_1", "1_", "-1", "1.0", "1e3", "18446744073709551616"} {
		f("a rollover of "+text, rollover(text), "13: plant.areas[0].lines[0].equipment[0].tags[0].rollover: want a whole number, 0 or more, in plain digits, not")
	}
	f("a quantity of 007", base+"bus: {max_bytes: 007}\n", "19: bus.max_bytes: want a whole number in plain digits, not")
	cfg := load(t, rollover("4_294_967_296"))
	if got, want := cfg.Plant.Areas[0].Lines[0].Equipment[0].Tags[0].Rollover, uint64(4294967296); got != want {
		t.Errorf("rollover: got %d, want %d", got, want)
	}
	if got := load(t, withProduct("margin: 1_5.0e0")).Production.Products[0].Margin; got != 15 {
		t.Errorf("margin: got %g, want 15", got)
	}
}

func TestADurationInDaysIsReadWhereItFits(t *testing.T) {
	for text, want := range map[string]time.Duration{"7d": 7 * 24 * time.Hour, "0.1d": 144 * time.Minute, "1.5d": 36 * time.Hour, "36h": 36 * time.Hour} {
		if got := load(t, base+"bus: {max_age: "+text+"}\n").Bus.MaxAge; got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{"1e300d", "-1e300d", "106752d", "NaNd", "Infd", "0x1p4d", "d", "1000000000h", "120"} {
		want := "19: bus.max_age: want a duration such as 10s, 5m, 8h or 7d, not"
		if got := faults(t, base+"bus: {max_age: "+text+"}\n"); !containsPrefix(got, want) {
			t.Errorf("%s: got %q, want one that begins with %q", text, got, want)
		}
	}
	// Whether a duration may be negative is for each part to say.
	if got := faults(t, base+"bus: {max_age: -1d}\n"); !containsPrefix(got, "19: bus.max_age: want ") || containsPrefix(got, "19: bus.max_age: want a duration such as") {
		t.Errorf("-1d: got %q, want a problem told by bus", got)
	}
}

func TestAReferenceToTheEnvironmentMayBeMeantAsText(t *testing.T) {
	t.Setenv("ANDON_TEST_NAME", "value")
	for text, want := range map[string]string{
		"${env:ANDON_TEST_NAME}":                            "value",
		"$${env:ANDON_TEST_NAME}":                           "${env:ANDON_TEST_NAME}",
		"$${env:ANDON_TEST_UNSET:x} ${env:ANDON_TEST_NAME}": "${env:ANDON_TEST_UNSET:x} value",
		"$$5 ${env:ANDON_TEST_UNSET:$$} ${other}":           "$$5 $$ ${other}",
	} {
		cfg, err := configs.Load(write(t, "andon.yaml", base+"rules: [{id: a, class: maintenance, priority: high, kind: state, states: [fault], equipment: northfield/**, response: '"+text+"'}]\n"))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := cfg.Rules.Rules[0].Response; got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}
