package review

import "andon/plant"

// A Kind is what an edit does.
type Kind string

// The kinds of edits.
const (
	KindAssign      Kind = "assign"
	KindComment     Kind = "comment"
	KindSplit       Kind = "split"
	KindMerge       Kind = "merge"
	KindNotDowntime Kind = "not_downtime"
	KindReview      Kind = "review"
	KindSignOff     Kind = "sign_off"
	KindDispute     Kind = "dispute"
	KindReopen      Kind = "reopen"
	KindUndo        Kind = "undo"
	KindAdjust      Kind = "adjust"
)

// The sources of an edit.
const (
	SourceOperator = "operator" // a person
	SourceRule     = "rule"     // a reason rule of the configuration
)

// A Ref names a stop: by its id or, when late data moved it so that there is
// no such id any more, by an instant in it, normally its start.
type Ref struct {
	Equipment string        `json:"equipment,omitempty"` // path; "" for the command's target
	Stop      string        `json:"stop,omitempty"`      // id, "" to go by the start alone
	Start     plant.Instant `json:"start,omitempty"`
	End       plant.Instant `json:"end,omitempty"` // as far as known; it only says which time changes
	// Revision is that of the stop when the editor looked, nil when whatever
	// was said since does not matter.
	Revision *int64 `json:"revision,omitempty"`
	Was      *Was   `json:"was,omitempty"` // what the editor found
}

// An Edit is one thing that a person said of one equipment.
type Edit struct {
	Seq     int64  `json:"seq"`     // in the area, from 1 without gaps
	ID      string `json:"id"`      // the command's, with a number behind it when the command has several
	Command string `json:"command"` // id
	Pos     uint64 `json:"pos"`     // stream position of the command

	Kind      Kind          `json:"kind"`
	Equipment string        `json:"equipment"` // path
	Stop      string        `json:"stop"`      // id, "" when it speaks of a window
	Anchor    plant.Instant `json:"anchor"`    // start of the stop when it was said
	From      plant.Instant `json:"from"`      // the time that it speaks of
	To        plant.Instant `json:"to"`

	Source  string        `json:"source"`
	User    string        `json:"user"`
	Comment string        `json:"comment"`
	Time    plant.Instant `json:"time"`  // stream time
	Given   plant.Instant `json:"given"` // when the person gave it
	Args    Args          `json:"args"`
	Was     *Was          `json:"was,omitempty"` // what it found; nil in edits of before, and of sign-offs

	Prev string `json:"prev"` // Hash of the edit before, "" for the first
	Hash string `json:"hash"` // SHA-256 of this edit as JSON without Hash
}

// Args are what an edit says besides its kind.
type Args struct {
	Reason string        `json:"reason,omitempty"` // of assign and merge
	At     plant.Instant `json:"at,omitempty"`     // of split
	With   []Ref         `json:"with,omitempty"`   // all stops of merge
	Edit   string        `json:"edit,omitempty"`   // that undo takes back
	Counts *Adjustment   `json:"counts,omitempty"` // of adjust
}

// An Adjustment changes counts by so many units.
type Adjustment struct {
	Scrap  int64 `json:"scrap,omitempty"`
	Rework int64 `json:"rework,omitempty"`
	// Good and Produced are nil when they follow from the others: without
	// both, good units became rejects and the total stays.
	Good     *int64 `json:"good,omitempty"`
	Produced *int64 `json:"produced,omitempty"`
}

// Moves returns by how many units good, scrap and rework change.
func (a Adjustment) Moves() (good, scrap, rework int64) {
	switch {
	case a.Good != nil:
		good = *a.Good
	case a.Produced != nil:
		good = *a.Produced - a.Scrap - a.Rework
	default:
		good = -a.Scrap - a.Rework
	}
	return good, a.Scrap, a.Rework
}
