package mqtt

import (
	"fmt"
	"strings"
	"testing"

	"andon/plant"
)

// now is when messages come in these tests.
const now = plant.Instant(1772500000_000000000)

// press is a small tree with a tag of each type.
func press(t testing.TB) *plant.Tree {
	t.Helper()
	tags := []plant.TagConfig{{Name: "state", Type: "text"}, {Name: "total", Type: "uint"}, {Name: "offset", Type: "int"},
		{Name: "speed", Type: "float"}, {Name: "guard", Type: "bool"}, {Name: "any"}}
	tree, err := plant.NewTree(plant.Config{Site: "s", Zone: "UTC", Areas: []plant.AreaConfig{{Name: "a",
		Lines: []plant.LineConfig{{Name: "l", Equipment: []plant.EquipmentConfig{
			{Name: "e", Tags: tags}, {Name: "f", Tags: []plant.TagConfig{{Name: "state"}}}}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func newTestDecoder(t testing.TB, subscriptions ...Subscription) *decoder {
	t.Helper()
	c := DefaultConfig()
	c.URL, c.Subscriptions = "tcp://broker", subscriptions
	if err := c.Validate().Err(); err != nil {
		t.Fatal(err)
	}
	tree := press(t)
	routes, err := newRoutes(c, "test", tree)
	if err != nil {
		t.Fatal(err)
	}
	return newDecoder(routes, tree, c.MaxPayload)
}

// told is a message of QoS 1.
func told(topic, payload string) message {
	return message{topic: []byte(topic), payload: []byte(payload), size: len(payload), qos: 1, id: 7}
}

// show writes samples as name=value, name!status without a value, and @time
// where it is not now.
func show(samples []plant.Sample) string {
	var out []string
	for _, s := range samples {
		text := s.Tag.Name + "!" + s.Status.String()
		if s.Value.Kind() != plant.KindNone {
			text = fmt.Sprintf("%s=%s:%s", s.Tag.Name, s.Value.Kind(), s.Value)
		}
		if s.Time != now {
			text += "@" + s.Time.String()
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

type payloadCase struct{ payload, want, trouble string }

func checkPayloads(t *testing.T, s Subscription, topic string, cases []payloadCase) {
	t.Helper()
	d := newTestDecoder(t, s)
	for _, c := range cases {
		d.decode(told(topic, c.payload), now)
		if got := show(d.samples); got != c.want {
			t.Errorf("payload %.80s: got samples %s, want %s", c.payload, got, c.want)
		}
		if d.found.text != c.trouble {
			t.Errorf("payload %.80s: got trouble %q, want %q", c.payload, d.found.text, c.trouble)
		}
		d.samples = d.samples[:0]
	}
}

func TestJSONFieldsBecomeTags(t *testing.T) {
	s := Subscription{Topic: "x", Equipment: "s/a/l/e", Time: "ts", Tags: map[string]string{
		"total": "counts.total", "speed": "axes[1].v", "state": "state", "guard": `door\.open`, "any": "any"}}
	checkPayloads(t, s, "x", []payloadCase{
		{`{"counts":{"total":7},"axes":[{"v":1},{"v":2.5}],"state":"RUN","door.open":true}`,
			"guard=bool:true speed=float:2.5 state=text:RUN total=uint:7", ""},
		{`{}`, "", ""},
		{`{"counts":{"total":18446744073709551615}}`, "total=uint:18446744073709551615", ""},
		{`{"axes":[0]}`, "", ""},
		{`{"axes":[0,{"v":3}]}`, "speed=float:3", ""},
		{`{"any":9007199254740993}`, "any=int:9007199254740993", ""},
		{`{"any":0.1}`, "any=float:0.1", ""},
		{`{"any":"grün \"1\" \u00e4"}`, `any=text:grün "1" ä`, ""},
		{`{"any":null,"counts":{"total":null}}`, "any!bad total!bad", ""},
		{`{"any":[1]}`, "any!bad_type_mismatch", "tag any: want one value, got array"},
		{`{"any":1e999}`, "any!bad_type_mismatch", "tag any: want one value, got a number out of range"},
		{`{"counts":{"total":-1}}`, "total!bad_type_mismatch", "tag total: want uint, got int"},
		{`{"counts":{"total":1.5}}`, "total!bad_type_mismatch", "tag total: want uint, got float"},
		{`{"counts":{"total":"12"}}`, "total=uint:12", ""},
		{`{"counts":{"total":"twelve"}}`, "total!bad_type_mismatch", "tag total: want uint, got text"},
		{`{"counts":{"total":12.0}}`, "total=uint:12", ""},
		{`{"door.open":"off","state":5}`, "guard=bool:false state=text:5", ""},
		{`{"ts":1772438400123,"any":1}`, "any=int:1@2026-03-02T08:00:00.123Z", ""},
		{`{"ts":"yesterday","any":1}`, "any=int:1", "time stamp cannot be read; the time of arrival is taken"},
		{`{"ts":{},"any":1}`, "any=int:1", "time stamp cannot be read; the time of arrival is taken"},
		{`{"ts":4102444800000,"any":1}`, "any=int:1", "time stamp is more than 5 minutes ahead or 10 years old; the time of arrival is taken"},
		{`{"ts":1000,"any":1}`, "any=int:1", "time stamp is more than 5 minutes ahead or 10 years old; the time of arrival is taken"},
		{`[1,2]`, "", ""},
		{`{"any":1} x`, "", "payload is not JSON"},
		{`{"any":1`, "", "payload is not JSON"},
		{"\xff\xfe", "", "payload is not JSON"},
		{"", "", ""},
		{strings.Repeat("[", 33) + strings.Repeat("]", 33), "", "payload is JSON nested too deep"},
		{`{"any":"` + strings.Repeat(`[\"`, 100) + `"}`, `any=text:` + strings.Repeat(`["`, 100), ""},
		{`{"any":"` + strings.Repeat("x", maxText+1) + `"}`, "any!bad_type_mismatch", "tag any: want one value, got a text of more than 32 KiB"},
		{strings.Repeat(" ", 256<<10) + `{}`, "", "payload is longer than max_payload"},
	})
}

func TestFieldsNamedLikeTagsNeedNoList(t *testing.T) {
	checkPayloads(t, Subscription{Topic: "x", Equipment: "s/a/l/e"}, "x", []payloadCase{
		{`{"total":1,"speed":2,"colour":"red","state":{"now":"RUN"}}`, "total=uint:1 speed=float:2", ""},
		{`{"colour":"red"}`, "", "no field is named like a tag of s/a/l/e"},
		{`[1]`, "", "payload is not a JSON object"},
	})
}

func TestValueThatHasNoTagIsReported(t *testing.T) {
	s := Subscription{Topic: "{equipment}", Place: Place{Area: "a", Line: "l"}, Tags: map[string]string{"state": "state", "total": "n"}}
	checkPayloads(t, s, "f", []payloadCase{
		{`{"state":"RUN"}`, "state=text:RUN", ""},
		{`{"state":"RUN","n":1}`, "state=text:RUN", "s/a/l/f has no tag total"},
	})
	checkPayloads(t, s, "g", []payloadCase{{`{"state":"RUN"}`, "", "no equipment s/a/l/g"}})
}

func TestScalarPayloads(t *testing.T) {
	for tag, cases := range map[string][]payloadCase{
		"any": {
			{"12", "any=int:12", ""}, {" -1.5e3\n", "any=float:-1500", ""}, {"18446744073709551615", "any=uint:18446744073709551615", ""},
			{"true", "any=bool:true", ""}, {"ON", "any=bool:true", ""}, {"off", "any=bool:false", ""},
			{"E-204", "any=text:E-204", ""}, {"1_000", "any=text:1_000", ""}, {"0x10", "any=text:0x10", ""},
			{"NaN", "any=text:NaN", ""}, {"\xff", "any!bad_type_mismatch", "tag any: want one value, got bytes that are not UTF-8"}, {"", "", ""},
		},
		"state": {{"off", "state=text:off", ""}, {"6", "state=text:6", ""}, {"", "state=text:", ""}},
		"speed": {{"7", "speed=float:7", ""}, {"fast", "speed!bad_type_mismatch", "tag speed: want float, got text"}, {"inf", "speed!bad_type_mismatch", "tag speed: want float, got text"}},
		"guard": {{"on", "guard=bool:true", ""}, {"0", "guard=bool:false", ""}},
		"none":  {{"1", "", "s/a/l/e has no tag none"}},
	} {
		checkPayloads(t, Subscription{Topic: "x/{tag}", Equipment: "s/a/l/e", Payload: PayloadScalar}, "x/"+tag, cases)
	}
}

func TestStatusPayloads(t *testing.T) {
	all := "state!bad_no_communication total!bad_no_communication offset!bad_no_communication speed!bad_no_communication guard!bad_no_communication any!bad_no_communication"
	checkPayloads(t, Subscription{Topic: "lwt", Equipment: "s/a/l/e", Payload: PayloadStatus}, "lwt", []payloadCase{
		{"online", "", ""}, {" Offline ", all, ""}, {"", "", ""}, {"perhaps", "", "payload is neither a word of online nor of offline"},
	})
	checkPayloads(t, Subscription{Topic: "lwt", Equipment: "s/a/l/e", Place: Place{Tag: "speed"}, Payload: PayloadStatus,
		Online: []string{"1"}, Offline: []string{"0"}}, "lwt", []payloadCase{
		{"1", "", ""}, {"0", "speed!bad_no_communication", ""},
	})
}

func TestTimeStamps(t *testing.T) {
	const want = plant.Instant(1772438400_123456789)
	cut := func(unit plant.Instant) plant.Instant { return want / unit * unit }
	for _, c := range []struct {
		format TimeFormat
		text   string
		want   plant.Instant
	}{
		{"", "1772438400", cut(1e9)}, {"", "1772438400123", cut(1e6)}, {"", "1772438400123456", cut(1e3)}, {"", "1772438400123456789", want},
		{"", "1772438400.123456789", want}, {"", "1772438400123.456789", want}, {"", "2026-03-02T09:00:00.123456789+01:00", want},
		{"", "1.7724384e9", cut(1e9)}, {TimeUnix, "1772438400", cut(1e9)}, {TimeUnixMilli, "1772438400123", cut(1e6)},
		{TimeUnixMicro, "1772438400123456", cut(1e3)}, {TimeUnixNano, "1772438400123456789", want}, {TimeUnixMilli, "60000", 60e9},
		{TimeRFC3339, "2026-03-02T08:00:00.123456789Z", want},
		{TimeRFC3339, "1772438400", 0}, {TimeUnix, "2026-03-02T08:00:00Z", 0}, {"", "2026-03-02 08:00:00", 0},
		{"", "0", 0}, {"", "-5", 0}, {"", "", 0}, {"", ".5", 0}, {"", "99999999999999999999", 0}, {TimeUnix, "1772438400123", 0},
		{"", "0001-01-01T00:00:00Z", 0}, {"", "9999-01-01T00:00:00Z", 0}, {TimeUnix, "1e300", 0}, {"", "nan", 0}, {"", "1.2.3", 0},
	} {
		got, ok := c.format.parse([]byte(c.text))
		if got != c.want || ok != (c.want != 0) {
			t.Errorf("%q as %q: got %v %v, want %v", c.text, c.format, got, ok, c.want)
		}
	}
}

func TestTopicsOfStrangersDoNotFillTheMemory(t *testing.T) {
	d := newTestDecoder(t, Subscription{Topic: "x/{tag}/+", Equipment: "s/a/l/e", Payload: PayloadScalar})
	for i := range maxTargets + 10 {
		d.decode(told(fmt.Sprintf("x/any/%d", i), "E-204"), now)
	}
	if got := len(d.targets); got > maxTargets {
		t.Errorf("topics kept: got %d, want at most %d", got, maxTargets)
	}
}
