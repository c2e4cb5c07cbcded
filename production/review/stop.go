package review

import (
	"cmp"

	"andon/plant"
	"andon/production"
)

// A LifeCycle is how far people are with a stop.
type LifeCycle string

// The life cycle, in order, and its two side states.
const (
	LifeDetected    LifeCycle = "detected"     // too short yet to tell a micro-stop from downtime
	LifeOpen        LifeCycle = "open"         // lasts
	LifeNeedsReason LifeCycle = "needs_reason" // over, and nobody knows why it was
	LifeAutoReason  LifeCycle = "auto_reason"  // over, a signal, the calendar, the line or a rule explains it
	LifeClosed      LifeCycle = "closed"       // over, and nobody is asked: a micro-stop, or not downtime
	LifeReasoned    LifeCycle = "reasoned"     // over, and a person said why
	LifeReviewed    LifeCycle = "reviewed"
	LifeSignedOff   LifeCycle = "signed_off"
	LifeDisputed    LifeCycle = "disputed"
	LifeReopened    LifeCycle = "reopened"
	LifeReplaced    LifeCycle = "replaced" // it was split or merged; its children count
)

// LifeCycles returns every life cycle of stops that count, in order.
func LifeCycles() []LifeCycle {
	return []LifeCycle{LifeDetected, LifeOpen, LifeNeedsReason, LifeAutoReason, LifeClosed, LifeReasoned, LifeReviewed, LifeSignedOff,
		LifeDisputed, LifeReopened}
}

// A Mark says who did something to a stop, and when in stream time.
type Mark struct {
	User string        `json:"user"`
	Time plant.Instant `json:"time"`
}

// A Comment is what somebody wrote about a stop.
type Comment struct {
	Mark
	Text string `json:"text"`
	Edit string `json:"edit"` // id
}

// A Stop is a stop with what people said of it.
type Stop struct {
	production.Stop
	Detail
}

// A Detail is what people said of a stop, and what follows from it.
type Detail struct {
	Life        LifeCycle `json:"life_cycle"`
	NeedsReason bool      `json:"needs_reason"` // it may still last
	// ReasonPath are the names of the reason and those above it in the tree,
	// the top first.
	ReasonPath []string `json:"reason_path"`
	// Confidence says how sure the reason is, from 0 for none to 1.
	Confidence float64 `json:"confidence"`

	// Parent is the id of the stop that was split into this one, or merged
	// with others into it; Children are those that came of it.
	Parent   string   `json:"parent"`
	Children []string `json:"children"`
	// SharesFailure says that an earlier part of the same stop counts the
	// failure.
	SharesFailure bool `json:"shares_failure"`
	NotDowntime   bool `json:"not_downtime"`
	Disputed      bool `json:"disputed"`
	Reopened      bool `json:"reopened"`
	Corrected     bool `json:"corrected"` // changed after it was signed off

	Assigned  *Mark     `json:"assigned"` // nil: nobody yet
	Reviewed  *Mark     `json:"reviewed"`
	SignedOff *Mark     `json:"signed_off"`
	Comments  []Comment `json:"comments"`
	Edits     []string  `json:"edits"` // ids of those that hold, in order
}

// SourceNeighbour is the source of the reason of a stop that nothing explains
// but other equipment, which starves or blocks it: its culprit.
const SourceNeighbour = "neighbour"

// Explained reports whether something tells why a stop was: what HasReason
// looks at, or the equipment that starved or blocked it.
func Explained(s production.Stop) bool { return HasReason(s) || s.Culprit != "" }

// HasReason reports whether a stop has a reason of its own: by a signal, the
// calendar, the line, a rule, a person or one configured for its state. Reason
// rules look for one for all others.
func HasReason(s production.Stop) bool {
	return s.ReasonSource != SourceNeighbour && s.ReasonSource != "state" || s.Reason != s.State.String() ||
		s.State == plant.StatePlannedStop || s.State == plant.StateChangeover
}

// settle works out what follows from the rest.
func (s *Stop) settle(d *Definitions, equipment string) {
	explained := Explained(s.Stop)
	if explained && !HasReason(s.Stop) {
		s.ReasonSource = SourceNeighbour
	}
	s.NeedsReason = !explained && !s.Micro && !s.Planned && !s.Provisional && !s.NotDowntime
	s.Confidence = confidence(s.Stop, explained)
	s.ReasonPath = d.path(equipment, s.Stop)
	s.Life = s.life(explained)
}

func (s *Stop) life(explained bool) LifeCycle {
	switch {
	case s.Disputed:
		return LifeDisputed
	case s.SignedOff != nil:
		return LifeSignedOff
	case s.Reviewed != nil:
		return LifeReviewed
	case s.Reopened:
		return LifeReopened
	case s.To == 0 && s.Provisional:
		return LifeDetected
	case s.To == 0:
		return LifeOpen
	case s.Assigned != nil:
		return LifeReasoned
	case s.NeedsReason:
		return LifeNeedsReason
	case s.Micro && !explained || s.NotDowntime:
		return LifeClosed
	}
	return LifeAutoReason
}

// confidence says how far a reason of each source can be believed.
func confidence(s production.Stop, explained bool) float64 {
	if !explained {
		return 0
	}
	switch s.ReasonSource {
	case SourceOperator, "calendar":
		return 1
	case SourceNeighbour:
		return cmp.Or(s.CulpritConfidence, .6) // records of before may have none
	case "signal":
		return .9
	case "line", SourceRule:
		return .8
	}
	return .6
}
