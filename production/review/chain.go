package review

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
)

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
	Seq  int64  // of the edit
	ID   string // "" when it is gone
	What string
}

// Error says what is wrong with which edit.
func (e *BrokenError) Error() string {
	if e.ID == "" { // it is gone
		return fmt.Sprintf("edit %d: %s", e.Seq, e.What)
	}
	return fmt.Sprintf("edit %d (%.64s): %s", e.Seq, e.ID, e.What)
}

// Verify checks the chain of one area's edits from the first on. It returns a
// *BrokenError for the first edit that was changed, removed, put in or moved.
// Edits missing at the end show only against a Head noted elsewhere.
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

// A Head is the end that a chain had at some time. What comes after it builds
// on it, so a chain that has lost it was cut or written anew.
type Head struct {
	Seq  int64  `json:"seq"` // of the last edit, 0 for none
	Hash string `json:"hash"`
}

// Lost returns those heads that the chain of edits, all of one area, does not
// have.
func Lost(edits []Edit, heads []Head) []Head {
	var lost []Head
	for _, h := range heads {
		if !slices.ContainsFunc(edits, func(e Edit) bool { return e.Seq == h.Seq && e.Hash == h.Hash }) {
			lost = append(lost, h)
		}
	}
	return lost
}
