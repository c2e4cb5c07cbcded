package review

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"andon/plant"
)

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

// digest returns the hash that e must carry.
func (e Edit) digest() (string, error) {
	e.Hash = ""
	b, err := json.Marshal(e) // fields in the order of the type: the same edit gives the same bytes
	if err != nil {
		return "", fmt.Errorf("encode edit %s: %w", e.ID, err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// A BrokenError names the first edit at which a chain is not whole.
type BrokenError struct {
	Seq  int64 // of the edit
	ID   string
	What string
}

// Error says what is wrong with which edit.
func (e *BrokenError) Error() string {
	return fmt.Sprintf("edit %d (%.64s): %s", e.Seq, e.ID, e.What)
}

// Verify checks the chain of one area's edits from the first on. It returns a
// *BrokenError for the first edit that was changed, removed, put in or moved.
// Edits missing at the end show only against a hash noted elsewhere.
func Verify(edits []Edit) error {
	prev := ""
	for i, e := range edits {
		broken := func(what string) error { return &BrokenError{Seq: e.Seq, ID: e.ID, What: what} }
		if want := int64(i + 1); e.Seq != want {
			return broken(fmt.Sprintf("want number %d here", want))
		}
		if e.Prev != prev {
			return broken("it does not follow the edit before")
		}
		hash, err := e.digest()
		if err != nil {
			return err
		}
		if e.Hash != hash {
			return broken("it was changed after it was taken")
		}
		prev = e.Hash
	}
	return nil
}
