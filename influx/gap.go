package influx

import (
	"fmt"
	"strings"

	"andon/plant"
	"andon/plant/setting"
)

// measurementGap is the measurement of times of which a source has not got
// all.
const measurementGap = "collector_gap"

// backfilledField marks lines of samples that were read from a server's
// history. It is a field: as a tag it would make another series.
const backfilledField = "backfilled"

// message appends the lines of what a message of the stream has, each with its
// line end, and returns their number.
func (e *encoder) message(dst []byte, m *plant.Message) ([]byte, int) {
	e.backfilled = m.Backfilled
	dst, n := e.samples(dst, m.Samples, m.Time)
	e.backfilled = false
	for i := range m.Gaps {
		dst = appendGap(dst, &m.Gaps[i])
	}
	n += len(m.Gaps) + countLines(m.Points)
	if len(m.Points) > 0 {
		dst = append(dst, m.Points...)
		if dst[len(dst)-1] != '\n' {
			dst = append(dst, '\n')
		}
	}
	return dst, n
}

// appendGap appends the line of one gap. It stands at the gap's beginning, so
// that the same gap told again replaces itself.
func appendGap(dst []byte, g *plant.Gap) []byte {
	site, area, _ := strings.Cut(g.Area, "/")
	return AppendPoint(dst, Point{
		Measurement: measurementGap,
		Tags:        []Label{{"site", site}, {"area", area}, {"source", g.Source}},
		Fields: []Field{
			{"from_ms", plant.Int(int64(g.From) / 1e6)},
			{"to_ms", plant.Int(int64(g.To) / 1e6)},
			{"seconds", plant.Float(g.Duration().Seconds())},
			{"cause", plant.Text(string(g.Cause))},
			{"tags", plant.Int(int64(g.Tags))},
		},
		Time: g.From,
	})
}

// Check reports the tags of the plant whose samples could not be told from
// what andon writes beside them.
func Check(tree *plant.Tree) setting.Problems {
	var p setting.Problems
	for _, t := range tree.Tags() {
		if cleanName(t.Name) == backfilledField {
			p.Add(fmt.Sprintf("%s.name", tree.ConfigPath(t)), "another name than %s: lines of samples from a server's history have a field of that name", t.Name)
		}
	}
	return p
}
