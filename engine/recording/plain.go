package recording

import (
	"strconv"
	"time"
	"unicode/utf8"

	"andon/plant"
)

// maxTexts bounds the different text values that a Reader keeps, so that
// one that comes again needs no memory of its own.
const maxTexts = 1000

// A plainReader reads lines as nearly all programs write them: one object of
// the four keys in any order, strings without escapes, numbers without
// exponents, times in UTC. It refuses everything else, for encoding/json to
// read or to say what is wrong; what it reads, it reads alike.
type plainReader struct {
	tags  map[string]*plant.Tag
	texts map[string]string
	date  [len(time.DateOnly)]byte // of the line before
	day   plant.Instant            // the begin of date
}

// newPlainReader knows the tags of tree.
func newPlainReader(tree *plant.Tree) *plainReader {
	p := &plainReader{tags: make(map[string]*plant.Tag, len(tree.Tags())), texts: map[string]string{}}
	for _, t := range tree.Tags() {
		p.know(t)
	}
	return p
}

// know lets lines name a tag.
func (p *plainReader) know(t *plant.Tag) {
	if plainText([]byte(t.Path)) {
		p.tags[t.Path] = t
	}
}

// plainText reports whether JSON writes a text as it is.
func plainText(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c == '"' || c == '\\' {
			return false
		}
	}
	return utf8.Valid(b)
}

// A plainLine is what is left of a line to read.
type plainLine []byte

// next takes c off the line, after any blanks, and reports whether it was
// there.
func (l *plainLine) next(c byte) bool {
	l.blanks()
	if len(*l) == 0 || (*l)[0] != c {
		return false
	}
	*l = (*l)[1:]
	return true
}

func (l *plainLine) blanks() {
	for len(*l) > 0 && ((*l)[0] == ' ' || (*l)[0] == '\t' || (*l)[0] == '\r') {
		*l = (*l)[1:]
	}
}

// quoted takes a string off the line. It may have escapes: they are seen by
// whoever looks for the string among plain ones.
func (l *plainLine) quoted() ([]byte, bool) {
	if !l.next('"') {
		return nil, false
	}
	for i, c := range *l {
		if c == '"' {
			s := (*l)[:i]
			*l = (*l)[i+1:]
			return s, true
		}
	}
	return nil, false
}

// The keys of a line, as bits.
const (
	hasTag = 1 << iota
	hasTime
	hasValue
	hasStatus
)

// A plainSample is a sample as its line has it.
type plainSample struct {
	tag    *plant.Tag
	at     plant.Instant
	value  plant.Value
	status plant.Status
}

// read reads a line, false when it is not plain.
func (p *plainReader) read(line []byte) (s plainSample, ok bool) {
	l := plainLine(line)
	if !l.next('{') {
		return s, false
	}
	seen := 0
	for first := true; first || l.next(','); first = false {
		key, ok := l.quoted()
		if !ok || !l.next(':') {
			return s, false
		}
		l.blanks()
		bit, ok := p.member(&s, key, &l)
		if !ok || seen&bit != 0 {
			return s, false
		}
		seen |= bit
	}
	if !l.next('}') {
		return s, false
	}
	l.blanks()
	return s, len(l) == 0 && seen&(hasTag|hasTime) == hasTag|hasTime && s.at != 0
}

// member takes what a key says, and returns its bit.
func (p *plainReader) member(s *plainSample, key []byte, l *plainLine) (bit int, ok bool) {
	if string(key) == "value" {
		s.value, ok = p.value(l)
		return hasValue, ok
	}
	text, ok := l.quoted()
	if !ok {
		return 0, false
	}
	switch string(key) {
	case "tag":
		s.tag = p.tags[string(text)]
		return hasTag, s.tag != nil
	case "ts":
		s.at, ok = p.instant(text)
		return hasTime, ok
	case "status":
		s.status, ok = plainStatus(text)
		return hasStatus, ok
	}
	return 0, false
}

func plainStatus(text []byte) (plant.Status, bool) {
	if string(text) == "good" {
		return plant.Good, true
	}
	s, err := plant.ParseStatus(string(text))
	return s, err == nil && plainText(text)
}

// instant reads a time such as 2026-03-02T08:00:00.5Z.
func (p *plainReader) instant(b []byte) (plant.Instant, bool) {
	const seconds = len("2006-01-02T15:04:05")
	if len(b) <= seconds || b[10] != 'T' || b[13] != ':' || b[16] != ':' || b[len(b)-1] != 'Z' {
		return 0, false
	}
	h, m, s := twoDigits(b[11:]), twoDigits(b[14:]), twoDigits(b[17:])
	fraction, ok := fractionOf(b[seconds : len(b)-1])
	if !ok || uint(h) > 23 || uint(m) > 59 || uint(s) > 59 {
		return 0, false
	}
	if p.day == 0 || [len(time.DateOnly)]byte(b) != p.date {
		day, err := time.Parse(time.DateOnly, string(b[:10]))
		if err != nil || day.Year() < 1700 || day.Year() > 2200 {
			return 0, false
		}
		p.date, p.day = [len(time.DateOnly)]byte(b), plant.At(day)
	}
	return p.day + plant.Instant(time.Duration((h*60+m)*60+s)*time.Second) + fraction, true
}

// twoDigits returns the number that b begins with, a negative one for none.
func twoDigits(b []byte) int {
	tens, ones := b[0]-'0', b[1]-'0'
	if tens > 9 || ones > 9 {
		return -1
	}
	return int(tens)*10 + int(ones)
}

// fractionOf reads the part of a second after its point, with it.
func fractionOf(b []byte) (plant.Instant, bool) {
	if len(b) == 0 {
		return 0, true
	}
	if b[0] != '.' || len(b) == 1 || len(b) > 10 {
		return 0, false
	}
	var sum, unit plant.Instant = 0, plant.Instant(time.Second)
	for _, c := range b[1:] {
		if c -= '0'; c > 9 {
			return 0, false
		}
		unit /= 10
		sum += plant.Instant(c) * unit
	}
	return sum, true
}

// value takes a number, a text, true, false or null off the line.
func (p *plainReader) value(l *plainLine) (plant.Value, bool) {
	if len(*l) == 0 {
		return plant.Value{}, false
	}
	switch c := (*l)[0]; c {
	case '"':
		text, _ := l.quoted()
		return p.text(text)
	case 't':
		return plant.Bool(true), l.word("true")
	case 'f':
		return plant.Bool(false), l.word("false")
	case 'n':
		return plant.Value{}, l.word("null")
	}
	return l.number()
}

func (l *plainLine) word(w string) bool {
	if len(*l) < len(w) || string((*l)[:len(w)]) != w {
		return false
	}
	*l = (*l)[len(w):]
	return true
}

// text returns a text value that shares the memory of one before.
func (p *plainReader) text(b []byte) (plant.Value, bool) {
	if s, ok := p.texts[string(b)]; ok {
		return plant.Text(s), true
	}
	if !plainText(b) {
		return plant.Value{}, false
	}
	s := string(b)
	if len(p.texts) < maxTexts {
		p.texts[s] = s
	}
	return plant.Text(s), true
}

// number takes a number off the line, unless it has an exponent or more than
// 18 digits before its point.
func (l *plainLine) number() (plant.Value, bool) {
	b, i, n := *l, 0, int64(0)
	negative := b[0] == '-'
	if negative {
		i++
	}
	first := i
	for ; i < len(b) && b[i]-'0' <= 9; i++ {
		if i-first == 18 {
			return plant.Value{}, false
		}
		n = 10*n + int64(b[i]-'0')
	}
	if i == first || i > first+1 && b[first] == '0' {
		return plant.Value{}, false
	}
	if i == len(b) || b[i] != '.' {
		*l = b[i:]
		if negative {
			n = -n
		}
		return plant.Int(n), true
	}
	point := i
	for i++; i < len(b) && b[i]-'0' <= 9; i++ {
	}
	f, err := strconv.ParseFloat(string(b[:i]), 64)
	*l = b[i:]
	return plant.Float(f), err == nil && i > point+1
}
