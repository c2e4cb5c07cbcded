package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"andon/production/review"
	"andon/store"
)

// A Chain is what checking the edits of one area led to.
type Chain struct {
	Area   string `json:"area"`
	Edits  int    `json:"edits"`
	Head   string `json:"head"`   // hash of the last edit: noted elsewhere it proves the end too
	Broken string `json:"broken"` // where the chain is not whole, "" when it is
}

// Chains checks the edits of every area, one asker after the other: it reads
// all that was ever said.
func (d *Desk) Chains(ctx context.Context) ([]Chain, error) {
	select {
	case d.checking <- struct{}{}:
		defer func() { <-d.checking }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	var out []Chain
	for _, area := range d.tree.Areas {
		// The heads first: the edits that are read then have all of them.
		p, err := d.store.Progress(ctx, area.Path)
		if err != nil {
			return nil, err
		}
		rows, err := d.store.EditsUpTo(ctx, area.Path, math.MaxInt64)
		if err != nil {
			return nil, err
		}
		edits, err := readEdits(rows)
		if err != nil {
			return nil, err
		}
		c := Chain{Area: area.Path, Edits: len(edits)}
		if len(edits) > 0 {
			c.Head = edits[len(edits)-1].Hash
		}
		if err := verifyChain(rows, edits, headsIn(p.Snapshot)); err != nil {
			c.Broken = err.Error()
		}
		out = append(out, c)
	}
	return out, nil
}

// verifyChain checks the edits of one area as the records have them: their
// chain, the columns that they are found by, and that they still have the
// heads which snapshots noted.
func verifyChain(rows []store.Edit, edits []review.Edit, heads []review.Head) error {
	if err := review.Verify(edits); err != nil {
		return err
	}
	wrong := misfiled(rows, edits)
	for _, e := range edits {
		if what := wrong[e.ID]; what != "" {
			return &review.BrokenError{Seq: e.Seq, ID: e.ID, What: what}
		}
	}
	if lost := review.Lost(edits, heads); len(lost) > 0 {
		return &review.BrokenError{Seq: lost[0].Seq, What: fmt.Sprintf("it was the last one once, with the hash %.12s…, and is gone: "+
			"edits were cut off at the end, or all of them written anew", lost[0].Hash)}
	}
	return nil
}

// misfiled returns of the edits, by id, that lie in the records under anything
// but what they say themselves: who looks for them there does not find them.
func misfiled(rows []store.Edit, edits []review.Edit) map[string]string {
	wrong := map[string]string{}
	for i, e := range edits {
		row := rows[i]
		for _, c := range []struct {
			name string
			same bool
		}{
			{"area", strings.HasPrefix(e.Equipment, row.Area+"/")}, {"seq", row.Seq == e.Seq}, {"id", row.ID == e.ID}, {"pos", row.Pos == e.Pos},
			{"time", row.Time == e.Time}, {"equipment", row.Equipment == e.Equipment}, {"start", row.Start == e.From},
			{"end", row.End == e.To}, {"kind", row.Kind == string(e.Kind)}, {"user", row.User == e.User},
		} {
			if !c.same {
				wrong[e.ID] = "its column " + c.name + " was changed after it was taken"
				break
			}
		}
	}
	return wrong
}

// headsIn returns the heads that a snapshot noted; none for a snapshot of an
// older andon, or one that cannot be read.
func headsIn(data []byte) []review.Head {
	var s struct {
		Heads []review.Head `json:"heads"`
	}
	if len(data) == 0 || json.Unmarshal(data, &s) != nil {
		return nil
	}
	return s.Heads
}

// maxLost bounds the lost heads that are remembered: who cuts edits off more
// often than that has been told.
const maxLost = 20

// heads returns what the next snapshot notes: the end of the chain, after the
// heads that it should have and has not.
func (c *core) heads() []review.Head {
	heads := c.lost[:min(maxLost, len(c.lost)):min(maxLost, len(c.lost))]
	if h := c.review.Head(); h.Seq > 0 {
		heads = append(heads, h)
	}
	return heads
}
