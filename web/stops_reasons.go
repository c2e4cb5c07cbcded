package web

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"andon/engine"
	"andon/plant"
	"andon/production/review"
)

// The reasons to tap of one stop: those that similar stops had, then those
// that were given most of late.
const (
	maxSuggested = 3
	maxLikely    = 5
)

// A reasonButton is a reason that one tap gives.
type reasonButton struct {
	ID, Name string
	Sure     string // of a suggestion, such as "81 %"
	Comment  bool   // it needs one
}

// A reasonGroup is a part of the reason tree.
type reasonGroup struct {
	Name    string // "" for reasons without a group
	Reasons []reasonButton
}

// reasonsOf returns the tree of the reasons that the equipment has at a time,
// each once.
func (s *Server) reasonsOf(equipment []*plant.Equipment, at plant.Instant) []reasonGroup {
	defs := s.o.Desk.Definitions()
	var groups []reasonGroup
	seen := map[string]bool{}
	for _, eq := range equipment {
		all := defs.Reasons(eq.Path, at)
		names := map[string]string{}
		for _, r := range all {
			names[r.ID] = r.Title()
		}
		for _, r := range all {
			if defs.Group(eq.Path, r.ID) || seen[r.ID] {
				continue
			}
			seen[r.ID] = true
			i := slices.IndexFunc(groups, func(g reasonGroup) bool { return g.Name == names[r.Parent] })
			if i < 0 {
				i, groups = len(groups), append(groups, reasonGroup{Name: names[r.Parent]})
			}
			groups[i].Reasons = append(groups[i].Reasons, reasonButton{ID: r.ID, Name: r.Title(), Comment: r.RequiresComment})
		}
	}
	return groups
}

// likely returns a function that gives the likely reasons of a stop. It reads
// the past of each equipment once.
func (s *Server) likely(ctx context.Context, now plant.Instant) func(engine.SheetStop) ([]reasonButton, error) {
	past := map[string][]review.Stop{}
	return func(stop engine.SheetStop) ([]reasonButton, error) {
		history, known := past[stop.Equipment]
		if !known {
			var err error
			if history, err = s.o.Desk.Past(ctx, stop.Equipment, now); err != nil {
				return nil, err
			}
			past[stop.Equipment] = history
		}
		return s.buttons(stop, history, now), nil
	}
}

func (s *Server) buttons(stop engine.SheetStop, history []review.Stop, now plant.Instant) []reasonButton {
	defs := s.o.Desk.Definitions()
	choosable := map[string]reasonButton{}
	var people, others []string
	for _, r := range defs.Reasons(stop.Equipment, stop.From) {
		if !defs.Group(stop.Equipment, r.ID) && !r.RequiresComment {
			choosable[r.ID] = reasonButton{ID: r.ID, Name: r.Title()}
			if len(r.Codes)+len(r.States) == 0 {
				people = append(people, r.ID)
			} else {
				others = append(others, r.ID)
			}
		}
	}
	var out []reasonButton
	add := func(id, sure string) {
		if b, ok := choosable[id]; ok && len(out) < maxLikely {
			b.Sure = sure
			out = append(out, b)
			delete(choosable, id)
		}
	}
	for _, g := range review.Suggest(stop.Stop, history, maxSuggested, now) {
		add(g.Reason, fmt.Sprintf("%.0f\u00a0%%", 100*g.Confidence))
	}
	// Where nobody said anything yet, the reasons of the configuration that no
	// signal tells, then the others.
	for _, id := range slices.Concat(mostUsed(history), people, others) {
		add(id, "")
	}
	return out
}

// mostUsed returns the reasons that people gave, the most used first.
func mostUsed(history []review.Stop) []string {
	uses := map[string]int{}
	var ids []string
	for _, h := range history {
		if h.Assigned == nil {
			continue
		}
		if uses[h.Reason] == 0 {
			ids = append(ids, h.Reason)
		}
		uses[h.Reason]++
	}
	slices.SortStableFunc(ids, func(a, b string) int { return cmp.Or(cmp.Compare(uses[b], uses[a]), cmp.Compare(a, b)) })
	return ids
}
