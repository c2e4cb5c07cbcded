package production

import "fmt"

// A Loss is the bucket in which a segment's time is booked. Every nanosecond
// of a timeline is in exactly one.
type Loss uint8

// The buckets. LossSpeed and LossQuality are worked out from counts and never
// stand in a segment.
const (
	LossRun Loss = iota // producing: standard time, quality loss and speed loss
	LossMicroStop
	LossSetup
	LossStarved
	LossBlocked
	LossFault
	LossSafety
	LossOther
	LossUnknown
	LossPlanned
	LossNotScheduled
)

var lossNames = [...]string{"run", "micro_stop", "setup", "starved", "blocked", "fault", "safety",
	"other", "unknown", "planned", "not_scheduled"}

// Losses returns every bucket in order.
func Losses() []Loss {
	all := make([]Loss, len(lossNames))
	for i := range all {
		all[i] = Loss(i)
	}
	return all
}

// String returns the bucket's name as used in API and database.
func (l Loss) String() string {
	if int(l) < len(lossNames) {
		return lossNames[l]
	}
	return "invalid"
}

// ParseLoss reads a bucket's name.
func ParseLoss(name string) (Loss, bool) {
	for i, n := range lossNames {
		if n == name {
			return Loss(i), true
		}
	}
	return LossUnknown, false
}

// MarshalText writes the bucket's name.
func (l Loss) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads a bucket's name.
func (l *Loss) UnmarshalText(b []byte) error {
	parsed, ok := ParseLoss(string(b))
	if !ok {
		return fmt.Errorf("loss %.40q: want a name such as run", b)
	}
	*l = parsed
	return nil
}
