package mqtt

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A part is one name of a place.
type part int

const (
	partSite part = iota
	partArea
	partLine
	partEquipment
	partTag
	partNone // after the others, which index parts
)

var partNames = [...]string{"site", "area", "line", "equipment", "tag"}

func (p part) String() string { return partNames[p] }

// parts are the names of a place, "" where one is not known.
type parts [partNone]string

// A template is a topic filter with placeholders.
type template struct {
	filter string // for the broker: placeholders are +
	levels []level
	rest   bool // ends in #
}

// A level is one level of a template: a literal, a wildcard or a placeholder.
type level struct {
	literal string
	any     bool // the wildcard +, or a placeholder
	part    part // partNone when it places nothing
}

// maxTopic is the longest topic that MQTT can carry (MQTT 3.1.1, 1.5.3).
const maxTopic = 65535

// parseTemplate reads a topic filter with placeholders. Before the filter may
// stand $share/<group>/, which brokers that know shared subscriptions take
// off.
func parseTemplate(s string) (template, error) {
	if s == "" || len(s) > maxTopic || strings.ContainsRune(s, 0) || !utf8.ValidString(s) {
		return template{}, errors.New("want a topic filter of 1 to 65535 bytes in UTF-8")
	}
	share, topic := "", s
	if rest, ok := strings.CutPrefix(s, "$share/"); ok {
		group, filter, ok := strings.Cut(rest, "/")
		if !ok || group == "" || filter == "" || strings.ContainsAny(group, "+#{}") {
			return template{}, errors.New("want $share/<group>/<topic filter>")
		}
		share, topic = "$share/"+group+"/", filter
	}
	t := template{}
	names := strings.Split(topic, "/")
	for i, name := range names {
		if name == "#" && i == len(names)-1 {
			t.rest = true
			break
		}
		l, err := parseLevel(name)
		if err != nil {
			return template{}, err
		}
		if l.part != partNone && t.has(l.part) {
			return template{}, fmt.Errorf("want {%s} once", l.part)
		}
		if l.part != partNone {
			names[i] = "+"
		}
		t.levels = append(t.levels, l)
	}
	t.filter = share + strings.Join(names, "/")
	return t, nil
}

func parseLevel(name string) (level, error) {
	if name == "+" {
		return level{any: true, part: partNone}, nil
	}
	if !strings.ContainsAny(name, "+#{}") {
		return level{literal: name, part: partNone}, nil
	}
	for i, p := range partNames {
		if name == "{"+p+"}" {
			return level{any: true, part: part(i)}, nil
		}
	}
	return level{}, fmt.Errorf("want whole levels of {site}, {area}, {line}, {equipment}, {tag} or +, and # at the end, not %.60q", name)
}

// has reports whether the template places p.
func (t template) has(p part) bool {
	for _, l := range t.levels {
		if l.part == p {
			return true
		}
	}
	return false
}

// match reports whether topic matches (MQTT 3.1.1, 4.7) and then notes the
// placed names in into. A placeholder does not match an empty level.
func (t template) match(topic string, into *parts) bool {
	if strings.HasPrefix(topic, "$") && (len(t.levels) == 0 || t.levels[0].any) {
		return false
	}
	rest, more := topic, true
	for _, l := range t.levels {
		if !more {
			return false
		}
		var name string
		name, rest, more = strings.Cut(rest, "/")
		if !l.any && name != l.literal || l.part != partNone && name == "" {
			return false
		}
		if l.part != partNone {
			into[l.part] = name
		}
	}
	return !more || t.rest
}
