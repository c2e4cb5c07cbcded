package review

import (
	"fmt"

	"andon/plant"
)

// A Book has the edits of one area in their order.
type Book struct {
	defs      *Definitions
	paths     []string // of the area's equipment, in order of the tree
	equipment map[string]bool

	present Present // nil when nobody knows

	edits     []Edit
	drained   int // so many of edits were told by Drain or came by Load
	byID      map[string]int
	byCommand map[string][]int // index in edits
	of        map[string][]Edit
}

// NewBook returns an empty book for one area.
func NewBook(defs *Definitions, area *plant.Area) *Book {
	b := &Book{defs: defs, equipment: map[string]bool{}, byID: map[string]int{}, byCommand: map[string][]int{}, of: map[string][]Edit{}}
	for _, line := range area.Lines {
		for _, eq := range line.Equipment {
			b.paths = append(b.paths, eq.Path)
			b.equipment[eq.Path] = true
		}
	}
	return b
}

// Command takes a command at stream time now and stream position pos. A
// command whose id was taken before has no further effect. The error is a
// *RefusedError and leaves the book as it was.
func (b *Book) Command(now plant.Instant, pos uint64, cmd plant.Command) error {
	if len(b.byCommand[cmd.ID]) > 0 {
		return nil
	}
	edits, err := b.parse(now, cmd)
	if err != nil {
		return err
	}
	for _, e := range edits {
		if _, taken := b.byID[e.ID]; taken {
			return refuse("id", "%.100q is taken", e.ID)
		}
	}
	for _, e := range edits {
		e.Pos = pos
		if err := b.chain(e); err != nil {
			return err
		}
	}
	return nil
}

// Explain notes the reason that a rule of the configuration found for a stop.
// The same stop gets it once.
func (b *Book) Explain(now plant.Instant, pos uint64, ref Ref, reason string) error {
	id := "rule:" + ref.Stop
	if _, taken := b.byID[id]; taken {
		return nil
	}
	e := Edit{ID: id, Command: id, Pos: pos, Kind: KindAssign, Equipment: ref.Equipment, Stop: ref.Stop, Anchor: ref.Start,
		From: ref.Start, To: max(ref.Start, ref.End), Source: SourceRule, User: SourceRule, Time: now, Given: now, Args: Args{Reason: reason}}
	b.found(&e, ref.Was)
	return b.chain(e)
}

// chain gives e its place at the end.
func (b *Book) chain(e Edit) error {
	e.Seq = 1
	if n := len(b.edits); n > 0 {
		e.Seq, e.Prev = b.edits[n-1].Seq+1, b.edits[n-1].Hash
	}
	var err error
	if e.Hash, err = e.digest(); err != nil {
		return err
	}
	b.add(e)
	return nil
}

func (b *Book) add(e Edit) {
	b.byID[e.ID] = len(b.edits)
	b.byCommand[e.Command] = append(b.byCommand[e.Command], len(b.edits))
	b.of[e.Equipment] = append(b.of[e.Equipment], e)
	b.edits = append(b.edits, e)
}

// Drain returns the edits taken since the last Drain, in order.
func (b *Book) Drain() []Edit {
	fresh := b.edits[b.drained:len(b.edits):len(b.edits)]
	b.drained = len(b.edits)
	return fresh
}

// Load fills an empty book with the edits taken before, in their order. It
// does not check their chain: Verify does, and a plant goes on with edits that
// somebody tampered with, told loudly, rather than not at all.
func (b *Book) Load(edits []Edit) error {
	if len(b.edits) > 0 {
		return fmt.Errorf("load %d edits: the book has some already", len(edits))
	}
	for _, e := range edits {
		b.add(e)
	}
	b.drained = len(b.edits)
	return nil
}

// Of returns the edits of one equipment in their order. The slice must not be
// changed.
func (b *Book) Of(equipment string) []Edit { return b.of[equipment] }

// Edits returns all edits in their order. The slice must not be changed.
func (b *Book) Edits() []Edit { return b.edits }

// Head returns the last edit's; that of an empty book has the number 0.
func (b *Book) Head() Head {
	if len(b.edits) == 0 {
		return Head{}
	}
	last := b.edits[len(b.edits)-1]
	return Head{Seq: last.Seq, Hash: last.Hash}
}
