package mqtt

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"andon/plant/setting"
)

// A Subscription is one topic filter, where its messages belong in the
// equipment tree and how to read them. A message is read by the first
// subscription of the list that matches its topic.
type Subscription struct {
	// Topic is a topic filter. Levels may be the wildcards + and #, or the
	// placeholders {site}, {area}, {line}, {equipment} and {tag}, which
	// match one level and place the message.
	Topic string `yaml:"topic"`
	// QoS is 0 or 1; nil is 1. With 0 the broker never sends again what was
	// lost on the way.
	QoS *int `yaml:"qos"`
	// Payload says how to read a payload; "" is json.
	Payload Payload `yaml:"payload"`
	// Place gives the parts of the place that are not in the topic.
	Place Place `yaml:"place"`
	// Equipment is Place in short: site/area/line/equipment.
	Equipment string `yaml:"equipment"`

	// Time is the path of the time stamp in a JSON payload; "" takes the
	// time at which the message came.
	Time       string     `yaml:"time"`
	TimeFormat TimeFormat `yaml:"time_format"`
	// Tags says where in a JSON payload the value of each tag is. Without
	// it, and without a tag in the place, every top-level field that is
	// named like a tag of the equipment is taken.
	Tags map[string]string `yaml:"tags"`
	// Value is the path of the value in a JSON payload when the place has a
	// tag; "" is value.
	Value string `yaml:"value"`

	// Online and Offline are the words of a status payload, compared
	// without regard to case; none are "online" and "offline".
	Online  []string `yaml:"online"`
	Offline []string `yaml:"offline"`
}

// A Place names parts of the way to equipment or a tag. An empty Site is the
// tree's.
type Place struct {
	Site      string `yaml:"site"`
	Area      string `yaml:"area"`
	Line      string `yaml:"line"`
	Equipment string `yaml:"equipment"`
	Tag       string `yaml:"tag"`
}

// A Payload is a way to read payloads.
type Payload string

// The ways to read payloads.
const (
	PayloadJSON   Payload = "json"   // an object with values, and perhaps their time
	PayloadScalar Payload = "scalar" // one value of one tag
	PayloadStatus Payload = "status" // a word that says whether the equipment is there
)

func (s Subscription) qos() byte {
	if s.QoS == nil {
		return 1
	}
	return byte(*s.QoS)
}

func (s Subscription) payload() Payload {
	if s.Payload == "" {
		return PayloadJSON
	}
	return s.Payload
}

// parts returns the fixed parts of the place.
func (s Subscription) parts() (parts, error) {
	fixed := parts{s.Place.Site, s.Place.Area, s.Place.Line, s.Place.Equipment, s.Place.Tag}
	if s.Equipment == "" {
		return fixed, nil
	}
	names := strings.Split(s.Equipment, "/")
	if len(names) != int(partTag) || slices.Contains(names, "") {
		return fixed, fmt.Errorf("want site/area/line/equipment, not %.100q", s.Equipment)
	}
	for i, name := range names {
		if fixed[i] != "" {
			return fixed, fmt.Errorf("want equipment or place.%s, not both", part(i))
		}
		fixed[i] = name
	}
	return fixed, nil
}

func (s Subscription) validate(p *setting.Problems) {
	if s.QoS != nil && *s.QoS != 0 && *s.QoS != 1 {
		p.Add("qos", "0 or 1")
	}
	if !slices.Contains([]Payload{PayloadJSON, PayloadScalar, PayloadStatus}, s.payload()) {
		p.Add("payload", "json, scalar or status, not %.40q", string(s.Payload))
	}
	hasTag := s.validatePlace(p)
	s.validateJSON(p, hasTag)
	if s.payload() == PayloadScalar && !hasTag {
		p.Add("topic", "{tag} in it, or place.tag, as a scalar is the value of one tag")
	}
	if s.payload() != PayloadStatus && len(s.Online)+len(s.Offline) > 0 {
		p.Add("payload", "status, as online or offline is set")
	}
}

// validatePlace reports whether the place has a tag.
func (s Subscription) validatePlace(p *setting.Problems) (hasTag bool) {
	t, err := parseTemplate(s.Topic)
	if err != nil {
		p.Add("topic", "%s", strings.TrimPrefix(err.Error(), "want "))
		return false
	}
	fixed, err := s.parts()
	if err != nil {
		p.Add("equipment", "%s", strings.TrimPrefix(err.Error(), "want "))
		return false
	}
	for i, name := range fixed {
		switch given := t.has(part(i)); {
		case given && name != "":
			p.Add("place."+part(i).String(), "{%s} in the topic or a fixed one, not both", part(i))
		case !given && name == "" && part(i) != partSite && part(i) != partTag:
			p.Add("topic", "{%s} in it, place.%s or equipment", part(i), part(i))
		}
	}
	return t.has(partTag) || fixed[partTag] != ""
}

func (s Subscription) validateJSON(p *setting.Problems, hasTag bool) {
	if s.payload() != PayloadJSON && (s.Time != "" || s.TimeFormat != "" || s.Tags != nil || s.Value != "") {
		p.Add("payload", "json, as time, time_format, tags or value is set")
		return
	}
	if !s.TimeFormat.valid() {
		p.Add("time_format", "one of %s, or nothing to find out", timeFormatNames())
	}
	if s.TimeFormat != "" && s.Time == "" {
		p.Add("time", "the path of the time stamp, as time_format is set")
	}
	if hasTag && s.Tags != nil {
		p.Add("tags", "no tags, as the place has a tag; use value")
	}
	if !hasTag && s.Value != "" {
		p.Add("value", "a tag in the place, or tags in place of value")
	}
	checkPath(p, "time", s.Time)
	checkPath(p, "value", s.Value)
	for _, name := range slices.Sorted(maps.Keys(s.Tags)) {
		checkPath(p, "tags."+name, s.Tags[name])
		if s.Tags[name] == "" {
			p.Add("tags."+name, "the path of its value")
		}
	}
}

func checkPath(p *setting.Problems, at, path string) {
	if _, err := parsePath(path); err != nil {
		p.Add(at, "%s", strings.TrimPrefix(err.Error(), "want "))
	}
}

func indexed(name string, i int) string { return fmt.Sprintf("%s[%d]", name, i) }
