package web

import (
	"testing"
	"time"

	"andon/plant"
)

func TestATimeOfDayMeansTheFirstOneInTheStop(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, start, text, want string }{
		{"an ordinary day", "2026-03-02T08:18:40Z", "09:21:40", "2026-03-02T08:21:40Z"},
		{"without seconds", "2026-03-02T08:18:40Z", "09:21", "2026-03-02T08:21:00Z"},
		{"after midnight", "2026-03-02T22:30:00Z", "00:15", "2026-03-02T23:15:00Z"},
		{"a day later, with its date", "2026-03-02T08:18:40Z", "2026-03-04T10:00", "2026-03-04T09:00:00Z"},
		{"with date and seconds", "2026-03-02T08:18:40Z", "2026-03-02T09:21:40", "2026-03-02T08:21:40Z"},
		{"the first 02:30 of the night with two", "2026-10-24T23:50:00Z", "02:30", "2026-10-25T00:30:00Z"},
		{"the second, for a stop that began between them", "2026-10-25T00:40:00Z", "02:30", "2026-10-25T01:30:00Z"},
		{"the second, with its date", "2026-10-25T00:40:00Z", "2026-10-25T02:30", "2026-10-25T01:30:00Z"},
	} {
		start, err := time.Parse(time.RFC3339, c.start)
		if err != nil {
			t.Fatal(err)
		}
		got, err := timeIn(c.text, plant.At(start), berlin)
		if err != nil || got.String() != c.want {
			t.Errorf("%s: got %s, %v; want %s", c.name, got, err, c.want)
		}
	}
	for _, text := range []string{"", "soon", "25:00", "2026-13-01T00:00", "09:21:40Z"} {
		if got, err := timeIn(text, 1, berlin); err == nil {
			t.Errorf("%q: got %s, want it refused", text, got)
		}
	}
}
