package mqtt

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/valyala/fastjson"

	"andon/plant"
)

const (
	// maxTargets bounds the memory for topics. A plant has as many topics
	// as it has equipment, a few for each; only a stranger makes more.
	maxTargets = 100_000
	// maxWords and maxWord bound the memory for texts that come again and
	// again, such as the words of states.
	maxWords = 1024
	maxWord  = 64
	// maxText is the longest text value; a database refuses longer ones.
	maxText = 32 << 10
	// maxScratch is the payload after which the JSON parser is not kept, as
	// it holds about forty times a payload for ever.
	maxScratch = 16 << 10
)

// A decoder turns messages into samples. It keeps what it learned of each
// topic, and is for one goroutine.
type decoder struct {
	routes     []*route
	tree       *plant.Tree
	maxPayload int

	targets map[string]*target
	words   map[string]string
	parser  *fastjson.Parser
	number  []byte // scratch for one number

	samples []plant.Sample // decoded so far; the caller takes them off
	found   findings       // of the message last decoded
}

// findings are the problems of one message: how many of each reason, and the
// text of the first that has one.
type findings struct {
	any    bool
	counts [reasonCount]int
	text   string
}

func newDecoder(routes []*route, tree *plant.Tree, maxPayload int) *decoder {
	return &decoder{routes: routes, tree: tree, maxPayload: maxPayload,
		targets: map[string]*target{}, words: map[string]string{}, parser: &fastjson.Parser{}}
}

// decode appends the samples of one message, which came at time at, and
// returns its target. It keeps nothing of m.
func (d *decoder) decode(m message, at plant.Instant) *target {
	if d.found.any {
		d.found = findings{}
	}
	t, payload := d.target(m.topic), m.payload
	switch {
	case t.none.reason != reasonNone:
		d.note(t.none)
	case m.size > d.maxPayload:
		d.note(problem{reasonTooLarge, "payload is longer than max_payload"})
	case len(payload) == 0 && !(t.route.payload == PayloadScalar && t.tag.Type == plant.KindText):
		d.note(problem{reasonEmpty, ""})
	case t.route.payload == PayloadScalar:
		d.scalar(t, payload, at)
	case t.route.payload == PayloadStatus:
		d.status(t, payload, at)
	default:
		d.json(t, payload, at)
	}
	return t
}

func (d *decoder) target(topic []byte) *target {
	t, ok := d.targets[string(topic)]
	if !ok {
		if len(d.targets) >= maxTargets {
			clear(d.targets)
		}
		name := string(topic)
		t = resolve(d.routes, d.tree, name)
		d.targets[name] = t
	}
	return t
}

func (d *decoder) note(p problem) {
	d.found.any = true
	d.found.counts[p.reason]++
	if d.found.text == "" {
		d.found.text = p.text
	}
}

// put appends one sample. Text for a tag of another type is read as a scalar,
// as many devices send numbers in quotes. A value that does not fit the tag
// leaves a sample that says so, for the value before is no longer true.
func (d *decoder) put(tag *plant.Tag, v plant.Value, at plant.Instant) {
	got := v.Kind()
	if s, ok := v.Text(); ok && tag.Type != plant.KindText && tag.Type != plant.KindNone {
		v, _ = parseScalar([]byte(s))
	}
	if v, ok := v.As(tag.Type); ok {
		d.samples = append(d.samples, plant.Sample{Tag: tag, Value: v, Time: at})
		return
	}
	d.mismatch(tag, got.String(), at)
}

func (d *decoder) mismatch(tag *plant.Tag, got string, at plant.Instant) {
	want := "one value"
	if tag.Type != plant.KindNone {
		want = tag.Type.String()
	}
	d.note(problem{reasonTypeMismatch, "tag " + tag.Name + ": want " + want + ", got " + got})
	d.samples = append(d.samples, plant.Sample{Tag: tag, Status: plant.BadTypeMismatch, Time: at})
}

// scalar takes a payload that is one value.
func (d *decoder) scalar(t *target, payload []byte, at plant.Instant) {
	if t.tag.Type != plant.KindText {
		if v, ok := parseScalar(payload); ok {
			d.put(t.tag, v, at)
			return
		}
	}
	d.putText(t.tag, payload, at)
}

// putText appends a text value if it is one.
func (d *decoder) putText(tag *plant.Tag, b []byte, at plant.Instant) {
	switch {
	case len(b) > maxText:
		d.mismatch(tag, "a text of more than 32 KiB", at)
	case !utf8.Valid(b):
		d.mismatch(tag, "bytes that are not UTF-8", at)
	default:
		d.put(tag, plant.Text(d.word(b)), at)
	}
}

// word returns b as a string, the same one for short texts that come again.
func (d *decoder) word(b []byte) string {
	if len(b) > maxWord {
		return string(b)
	}
	if s, ok := d.words[string(b)]; ok {
		return s
	}
	if len(d.words) >= maxWords {
		clear(d.words)
	}
	s := string(b)
	d.words[s] = s
	return s
}

// status takes a birth or last-will word. Equipment that went offline has no
// values any more; that it is online again says nothing about them.
func (d *decoder) status(t *target, payload []byte, at plant.Instant) {
	word := string(bytes.TrimSpace(payload))
	switch {
	case foldContains(t.route.offline, word):
		tags := t.equipment.Tags
		if t.tag != nil {
			tags = []*plant.Tag{t.tag}
		}
		for _, tag := range tags {
			d.samples = append(d.samples, plant.Sample{Tag: tag, Status: plant.BadNoCommunication, Time: at})
		}
	case !foldContains(t.route.online, word):
		d.note(problem{reasonMalformed, "payload is neither a word of online nor of offline"})
	}
}

func foldContains(words []string, word string) bool {
	for _, w := range words {
		if strings.EqualFold(w, word) {
			return true
		}
	}
	return false
}
