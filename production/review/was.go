package review

import "andon/plant"

// Was is what an edit found when it was said: the old beside the new.
type Was struct {
	State        string        `json:"state,omitempty"`
	Reason       string        `json:"reason,omitempty"` // id
	ReasonName   string        `json:"reason_name,omitempty"`
	ReasonSource string        `json:"reason_source,omitempty"`
	Life         LifeCycle     `json:"life_cycle,omitempty"`
	From         plant.Instant `json:"from,omitempty"` // of the stop
	To           plant.Instant `json:"to,omitempty"`   // 0 while it lasted
	Counts       *Counted      `json:"counts,omitempty"`
}

// Counted are the units of a time.
type Counted struct {
	Good   int64 `json:"good"`
	Scrap  int64 `json:"scrap"`
	Rework int64 `json:"rework"`
}

// WasOf returns what a stop is.
func WasOf(s Stop) *Was {
	return &Was{State: s.State.String(), Reason: s.Reason, ReasonName: s.ReasonName, ReasonSource: s.ReasonSource, Life: s.Life, From: s.From, To: s.To}
}

// A Present tells a Book what is as people say it is, at the time of a
// command. It returns nil for what it does not have: then an edit keeps what
// its command brought.
type Present interface {
	// StopAt returns the stop of that id or, without one, that which holds t.
	StopAt(equipment, id string, t plant.Instant) *Was
	// CountedIn returns what was counted in v.
	CountedIn(equipment string, v plant.Interval) *Was
}

// Look has the book note with each edit what p finds then.
func (b *Book) Look(p Present) { b.present = p }

// found sets what e finds: as the engine has it, else as the command says.
func (b *Book) found(e *Edit, brought *Was) {
	e.Was = brought
	if b.present == nil {
		return
	}
	if now := b.look(*e); now != nil {
		e.Was = now
	}
	for i, ref := range e.Args.With {
		if now := b.present.StopAt(e.Equipment, ref.Stop, ref.Start); now != nil {
			e.Args.With[i].Was = now
		}
	}
}

func (b *Book) look(e Edit) *Was {
	of := e
	if e.Kind == KindUndo {
		of = root(b.of[e.Equipment], e)
	}
	switch of.Kind {
	case KindAdjust:
		return b.present.CountedIn(e.Equipment, plant.Interval{From: e.From, To: e.To})
	case KindSignOff, KindMerge:
		return nil
	}
	return b.present.StopAt(e.Equipment, e.Stop, e.Anchor)
}
