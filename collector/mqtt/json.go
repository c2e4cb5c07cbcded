package mqtt

import (
	"bytes"

	"github.com/valyala/fastjson"

	"andon/plant"
)

// maxDepth is how deep objects and arrays may lie in each other.
const maxDepth = 32

// json takes a payload of one JSON value: with its tags looked up, with the
// one value of a topic that names a tag, or with the fields named like tags.
func (d *decoder) json(t *target, payload []byte, at plant.Instant) {
	if tooDeep(payload) {
		d.note(problem{reasonMalformed, "payload is JSON nested too deep"})
		return
	}
	if len(payload) > maxScratch {
		defer func() { d.parser = &fastjson.Parser{} }()
	}
	root, err := d.parser.ParseBytes(payload)
	if err != nil {
		d.note(problem{reasonMalformed, "payload is not JSON"})
		return
	}
	at = d.jsonTime(t.route, root, at)
	switch {
	case t.tag != nil:
		if v := root.Get(t.route.value...); v != nil {
			d.jsonValue(t.tag, v, at)
		}
	case t.byName != nil:
		d.jsonByName(t, root, at)
	default:
		d.jsonFields(t, root, at)
	}
}

// tooDeep reports nesting beyond maxDepth. Few payloads have brackets enough
// to be looked at closely.
func tooDeep(b []byte) bool {
	if bytes.Count(b, []byte{'['})+bytes.Count(b, []byte{'{'}) <= maxDepth {
		return false
	}
	depth, quoted := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			quoted = !quoted
		case quoted && c == '\\':
			i++
		case quoted:
		case c == '[' || c == '{':
			if depth++; depth > maxDepth {
				return true
			}
		case c == ']' || c == '}':
			depth--
		}
	}
	return false
}

// jsonTime returns the payload's time stamp, or at when it has none that can
// be read.
func (d *decoder) jsonTime(r *route, root *fastjson.Value, at plant.Instant) plant.Instant {
	if len(r.time) == 0 {
		return at
	}
	v := root.Get(r.time...)
	if v == nil {
		return at
	}
	ok := false
	var t plant.Instant
	switch v.Type() {
	case fastjson.TypeNumber:
		d.number = v.MarshalTo(d.number[:0])
		t, ok = r.format.parse(d.number)
	case fastjson.TypeString:
		t, ok = r.format.parse(v.GetStringBytes())
	}
	if !ok {
		d.note(problem{reasonBadTime, "time stamp cannot be read; the time of arrival is taken"})
		return at
	}
	if t > at.Add(maxAhead) || t < at.Add(-maxBehind) {
		d.note(problem{reasonBadTime, "time stamp is more than 5 minutes ahead or 10 years old; the time of arrival is taken"})
		return at
	}
	return t
}

// jsonFields takes the values of the subscription's tags. A path that the
// payload has not means that the tag is not in this message.
func (d *decoder) jsonFields(t *target, root *fastjson.Value, at plant.Instant) {
	for i := range t.fields {
		f := &t.fields[i]
		v := root.Get(f.path...)
		if v == nil {
			continue
		}
		if f.tag == nil {
			d.note(problem{reasonUnknownTag, t.equipment.Path + " has no tag " + f.name})
			continue
		}
		d.jsonValue(f.tag, v, at)
	}
}

// jsonByName takes every top-level field that is named like a tag and holds
// one value.
func (d *decoder) jsonByName(t *target, root *fastjson.Value, at plant.Instant) {
	fields, err := root.Object()
	if err != nil {
		d.note(problem{reasonMalformed, "payload is not a JSON object"})
		return
	}
	found := false
	fields.Visit(func(name []byte, v *fastjson.Value) {
		tag := t.byName[string(name)]
		if tag == nil || v.Type() == fastjson.TypeObject || v.Type() == fastjson.TypeArray {
			return
		}
		found = true
		d.jsonValue(tag, v, at)
	})
	if !found {
		d.note(problem{reasonUnknownTag, "no field is named like a tag of " + t.equipment.Path})
	}
}

// jsonValue appends the sample of one value. null is equipment saying that it
// has no value: a Bad sample, for the value before is no longer true.
func (d *decoder) jsonValue(tag *plant.Tag, v *fastjson.Value, at plant.Instant) {
	switch v.Type() {
	case fastjson.TypeNumber:
		d.number = v.MarshalTo(d.number[:0])
		if n, ok := parseNumber(d.number); ok {
			d.put(tag, n, at)
			return
		}
		d.mismatch(tag, "a number out of range", at)
	case fastjson.TypeString:
		d.putText(tag, v.GetStringBytes(), at)
	case fastjson.TypeTrue, fastjson.TypeFalse:
		d.put(tag, plant.Bool(v.Type() == fastjson.TypeTrue), at)
	case fastjson.TypeNull:
		d.samples = append(d.samples, plant.Sample{Tag: tag, Status: plant.Bad, Time: at})
	default:
		d.mismatch(tag, v.Type().String(), at)
	}
}
