package mqtt

import (
	"encoding/json"
	"math"
	"testing"
	"unicode/utf8"

	"andon/plant"
)

// all has a subscription of each kind, by topic.
func all(t testing.TB) (*decoder, []string) {
	return newTestDecoder(t,
		Subscription{Topic: "fields", Equipment: "s/a/l/e", Time: "ts", Tags: map[string]string{"total": "c.t", "speed": "[0].v", "state": "state", "any": "a[1]"}},
		Subscription{Topic: "named", Equipment: "s/a/l/e", Time: "ts", TimeFormat: TimeUnixMilli},
		Subscription{Topic: "value/{tag}", Equipment: "s/a/l/e"},
		Subscription{Topic: "scalar/{tag}", Equipment: "s/a/l/e", Payload: PayloadScalar},
		Subscription{Topic: "status", Equipment: "s/a/l/e", Payload: PayloadStatus},
	), []string{"fields", "named", "value/total", "value/any", "scalar/total", "scalar/speed", "scalar/any", "scalar/state", "status", "scalar/none", "other"}
}

func FuzzPayload(f *testing.F) {
	for _, seed := range []string{`{"ts":1772438400123,"c":{"t":7},"state":"RUN","a":[1,2.5]}`, `[{"v":1}]`, "12.5", "on", "offline", "", `{"any":"é","speed":1e9}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		d, topics := all(t)
		for _, topic := range topics {
			d.decode(told(topic, string(payload)), now)
			for _, s := range d.samples {
				checkSample(t, topic, s)
			}
			d.samples = d.samples[:0]
		}
		d.decode(told("fields", string(payload)), now)
		if refused := d.found.counts[reasonMalformed] > 0; !refused && len(payload) > 0 && len(payload) <= d.maxPayload {
			return
		} else if refused && json.Valid(payload) && !tooDeep(payload) {
			t.Errorf("valid JSON %q: got it refused", payload)
		}
	})
}

// checkSample checks what every sample promises, whatever came.
func checkSample(t *testing.T, topic string, s plant.Sample) {
	t.Helper()
	if s.Tag == nil || s.Time <= 0 {
		t.Errorf("%s: got sample %+v, want a tag and a time", topic, s)
		return
	}
	kind := s.Value.Kind()
	if s.Status == plant.Good && (kind == plant.KindNone || s.Tag.Type != plant.KindNone && kind != s.Tag.Type) {
		t.Errorf("%s: got a good %s of kind %s, want %s", topic, s.Tag.Name, kind, s.Tag.Type)
	}
	if s.Status != plant.Good && kind != plant.KindNone {
		t.Errorf("%s: got %s with status %v and a value, want none", topic, s.Tag.Name, s.Status)
	}
	if text, ok := s.Value.Text(); ok && (!utf8.ValidString(text) || len(text) > maxText) {
		t.Errorf("%s: got text %.80q, want short UTF-8", topic, text)
	}
	if v, ok := s.Value.Float(); ok && (math.IsNaN(v) || math.IsInf(v, 0)) {
		t.Errorf("%s: got %v, want a finite number", topic, v)
	}
}

func FuzzTimeStamp(f *testing.F) {
	for _, seed := range []string{"1772438400", "1772438400.5", "2026-03-02T08:00:00Z", "1e18", "9223372036854775807"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, format := range []TimeFormat{"", TimeUnix, TimeUnixMilli, TimeUnixMicro, TimeUnixNano, TimeRFC3339} {
			if got, ok := format.parse([]byte(text)); ok != (got > 0) {
				t.Errorf("%q as %q: got %v and %v, want a time after 1970 or none", text, format, got, ok)
			}
		}
	})
}

func BenchmarkCountPayload(b *testing.B) {
	d := newTestDecoder(b, Subscription{Topic: "{site}/{area}/{line}/{equipment}/count", Time: "ts", TimeFormat: TimeUnixMilli,
		Tags: map[string]string{"total": "total", "speed": "speed", "state": "state"}})
	m := told("s/a/l/e/count", `{"ts":1772438400123,"total":18233,"speed":3600.5,"state":"STARVED"}`)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		d.decode(m, now)
		n += len(d.samples)
		d.samples = d.samples[:0]
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/sample")
}

func BenchmarkNamedFieldsPayload(b *testing.B) {
	d := newTestDecoder(b, Subscription{Topic: "{site}/{area}/{line}/{equipment}", Time: "ts"})
	m := told("s/a/l/e", `{"ts":"2026-03-02T08:00:00.123Z","total":18233,"colour":"red","speed":3600.5,"state":"STARVED","guard":false}`)
	b.ReportAllocs()
	for b.Loop() {
		d.decode(m, now)
		d.samples = d.samples[:0]
	}
}

func BenchmarkScalarPayload(b *testing.B) {
	d := newTestDecoder(b, Subscription{Topic: "x/{tag}", Equipment: "s/a/l/e", Payload: PayloadScalar})
	m := told("x/speed", `3600.5`)
	b.ReportAllocs()
	for b.Loop() {
		d.decode(m, now)
		d.samples = d.samples[:0]
	}
}
