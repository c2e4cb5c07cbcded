package engine

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"andon/plant"
)

// Unused counts the samples of a recording that a replay could not use, or
// not as they were meant.
type Unused struct {
	UnknownTags      int           // samples of tags that the plant does not have
	UnknownExamples  [3]string     // the first such tags, empty for none
	Mismatches       int           // samples whose value does not fit the type of their tag
	MismatchExamples [3]string     // the first tags with such samples
	TooLate          int           // samples of before the horizon of production
	OutOfOrder       int           // samples older than one before them; production sorts them, rules do not
	Horizon          time.Duration // of production; 0 unless some came too late
}

// Told returns a sentence for each kind of samples there is.
func (u Unused) Told() []string {
	var lines []string
	if u.UnknownTags > 0 {
		lines = append(lines, fmt.Sprintf("%s of tags that the plant does not have, such as %s: not used", count(u.UnknownTags), list(u.UnknownExamples)))
	}
	if u.Mismatches > 0 {
		lines = append(lines, fmt.Sprintf("%s with a value that does not fit the type of the tag, such as %s: taken as bad",
			count(u.Mismatches), list(u.MismatchExamples)))
	}
	if u.OutOfOrder > 0 {
		lines = append(lines, fmt.Sprintf("%s out of order: alarms follow the order of the file; sort it by ts", count(u.OutOfOrder)))
	}
	if u.TooLate > 0 {
		lines = append(lines, fmt.Sprintf("%s later than production's horizon of %s: not used", count(u.TooLate), u.Horizon))
	}
	return lines
}

func count(samples int) string {
	if samples == 1 {
		return "1 sample"
	}
	return fmt.Sprintf("%d samples", samples)
}

func list(examples [3]string) string {
	return strings.Join(slices.DeleteFunc(examples[:], func(s string) bool { return s == "" }), ", ")
}

// example keeps a tag among the first three different ones.
func example(of *[3]string, tag string) {
	for i := range of {
		switch of[i] {
		case tag:
			return
		case "":
			of[i] = tag
			return
		}
	}
}

// usable counts a sample as what it is and reports whether the engine is to
// see it.
func (p *replay) usable(s plant.Sample) bool {
	if s.Tag.ID < 0 {
		p.unused.UnknownTags++
		example(&p.unused.UnknownExamples, s.Tag.Path)
		return false
	}
	if s.Status == plant.BadTypeMismatch && s.Value.Kind() == plant.KindNone {
		p.unused.Mismatches++
		example(&p.unused.MismatchExamples, s.Tag.Path)
	} else {
		p.samples++
	}
	if s.Time < p.covers.To {
		p.unused.OutOfOrder++
	}
	return true
}

// countLate completes the counts when all samples are worked through.
func (p *replay) countLate() {
	for _, c := range p.cores {
		p.unused.TooLate += int(c.prod.Stats().TooLate)
	}
	if p.unused.TooLate > 0 {
		p.unused.Horizon = p.o.Config.Production.Horizon
	}
	p.samples = max(0, p.samples-p.unused.TooLate)
}
