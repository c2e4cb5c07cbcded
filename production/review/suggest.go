package review

import (
	"cmp"
	"slices"
	"time"

	"andon/plant"
)

// A Suggestion is a reason that similar stops had.
type Suggestion struct {
	Reason     string  `json:"reason"` // id
	Count      int     `json:"count"`  // similar stops with this reason
	Confidence float64 `json:"confidence"`
}

// durationClass puts stops of one order of length together.
func durationClass(d time.Duration) int {
	for i, limit := range []time.Duration{time.Minute, 5 * time.Minute, 20 * time.Minute, time.Hour} {
		if d < limit {
			return i
		}
	}
	return 4
}

// Suggest returns the reasons that similar stops of the same equipment had,
// the most used first, at most n. Similar are those that the equipment told
// alike, by state and code, of like duration and product; when there are none,
// fewer of these count. Confidence is the share of similar stops that had the
// reason. now ends a stop that lasts.
func Suggest(of Stop, history []Stop, n int, now plant.Instant) []Suggestion {
	for level := range 3 {
		uses := map[string]int{}
		total := 0
		for _, h := range history {
			if h.ID == of.ID || h.NeedsReason || h.NotDowntime || !HasReason(h.Stop) || !similar(of, h, level, now) {
				continue
			}
			uses[h.Reason]++
			total++
		}
		if total > 0 {
			return ranked(uses, total, n)
		}
	}
	return nil
}

// similar compares less with each level.
func similar(a, b Stop, level int, now plant.Instant) bool {
	if a.Code != b.Code {
		return false
	}
	// What a person said may have changed the state, so only signals count.
	if b.Assigned == nil && b.ReasonSource != SourceRule && a.State != b.State {
		return false
	}
	if level < 2 && durationClass(a.Duration(now)) != durationClass(b.Duration(now)) {
		return false
	}
	return level > 0 || a.Product == b.Product
}

func ranked(uses map[string]int, total, n int) []Suggestion {
	var out []Suggestion
	for reason, k := range uses {
		out = append(out, Suggestion{Reason: reason, Count: k, Confidence: float64(k) / float64(total)})
	}
	slices.SortFunc(out, func(a, b Suggestion) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Reason, b.Reason))
	})
	return out[:min(n, len(out))]
}
