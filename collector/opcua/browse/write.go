package browse

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"andon/plant"
)

// Areas returns the part of a plant's configuration that places make, read by
// the source of that name: areas, lines and equipment in the order in which
// they come.
func Areas(places []Place, source string) []plant.AreaConfig {
	var areas []plant.AreaConfig
	for _, p := range places {
		a := at(&areas, func(a plant.AreaConfig) bool { return a.Name == p.Area }, plant.AreaConfig{Name: p.Area})
		l := at(&a.Lines, func(l plant.LineConfig) bool { return l.Name == p.Line }, plant.LineConfig{Name: p.Line})
		e := at(&l.Equipment, func(e plant.EquipmentConfig) bool { return e.Name == p.Equipment }, plant.EquipmentConfig{Name: p.Equipment, Source: source})
		e.Tags = append(e.Tags, p.Tag)
	}
	return areas
}

// at returns the entry of list that is the one, which is made when there is
// none.
func at[T any](list *[]T, is func(T) bool, fresh T) *T {
	i := slices.IndexFunc(*list, is)
	if i < 0 {
		i = len(*list)
		*list = append(*list, fresh)
	}
	return &(*list)[i]
}

// Places returns the places of areas that Areas made, without nodes.
func Places(areas []plant.AreaConfig) []Place {
	var places []Place
	for _, a := range areas {
		for _, l := range a.Lines {
			for _, e := range l.Equipment {
				for _, t := range e.Tags {
					places = append(places, Place{Area: a.Name, Line: l.Name, Equipment: e.Name, Tag: t})
				}
			}
		}
	}
	return places
}

// Write writes places as the list "areas" of a configuration, each line after
// indent, with what the server says of each variable as a comment.
func Write(w io.Writer, places []Place, source, indent string) error {
	notes := map[string]string{}
	for _, p := range places {
		notes[p.tagPath()] = note(p)
	}
	var b bytes.Buffer
	line := func(depth int, format string, args ...any) {
		b.WriteString(indent + strings.Repeat("  ", depth) + fmt.Sprintf(format, args...) + "\n")
	}
	line(0, "areas:")
	for _, a := range Areas(places, source) {
		line(1, "- name: %s", quoted(a.Name))
		line(2, "lines:")
		for _, l := range a.Lines {
			line(3, "- name: %s", quoted(l.Name))
			line(4, "equipment:")
			for _, e := range l.Equipment {
				line(5, "- name: %s", quoted(e.Name))
				line(6, "source: %s", quoted(e.Source))
				line(6, "tags:")
				for _, t := range e.Tags {
					line(7, "- %s%s", flow(t), notes[a.Name+"/"+l.Name+"/"+e.Name+"/"+t.Name])
				}
			}
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// flow writes a tag on one line.
func flow(t plant.TagConfig) string {
	var keys []string
	add := func(key, value string) {
		if value != "" {
			keys = append(keys, key+": "+quoted(value))
		}
	}
	add("name", t.Name)
	add("role", string(t.Role))
	add("type", t.Type)
	add("unit", t.Unit)
	add("states", t.States)
	if t.Rollover > 0 {
		keys = append(keys, fmt.Sprintf("rollover: %d", t.Rollover))
	}
	if t.UnitsPerCount > 0 {
		keys = append(keys, fmt.Sprintf("units_per_count: %d", t.UnitsPerCount))
	}
	add("address", t.Address)
	return "{" + strings.Join(keys, ", ") + "}"
}

// note is what the server says of a variable, for people.
func note(p Place) string {
	if p.Node == nil {
		return ""
	}
	text := p.Node.DataType
	if p.Node.UnitText != "" && p.Tag.Unit == "" {
		text += ", the server's unit is " + p.Node.UnitText
	}
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
	if text == "" {
		return ""
	}
	return "  # " + text
}

// plain matches what YAML reads as text without quotes.
var plain = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)

// quoted writes text for YAML, in which some words are none and ${env:…} would
// be replaced.
func quoted(text string) string {
	if plain.MatchString(text) && !slices.Contains([]string{"true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"}, strings.ToLower(text)) {
		return text
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(strings.ReplaceAll(text, "${env:", "$${env:")) != nil {
		return `""` // no text fails to encode
	}
	return escaped(strings.TrimRight(b.String(), "\n"))
}

// escaped writes what moves a terminal, or is not seen there, by its number.
func escaped(quoted string) string {
	var b strings.Builder
	for _, r := range quoted {
		switch {
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r <= 0xffff:
			fmt.Fprintf(&b, "\\u%04x", r)
		default:
			fmt.Fprintf(&b, "\\U%08x", r)
		}
	}
	return b.String()
}
