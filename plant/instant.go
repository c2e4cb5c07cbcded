package plant

import "time"

// An Instant is a point in time in nanoseconds since 1970-01-01T00:00:00Z.
// Integer nanoseconds make sums of intervals exact. The zero Instant means
// "no time". The range is 1678 to 2262.
type Instant int64

// At converts t to an Instant; the zero time.Time becomes 0.
func At(t time.Time) Instant {
	if t.IsZero() {
		return 0
	}
	return Instant(t.UnixNano())
}

// Time converts i to a time.Time in UTC; 0 becomes the zero time.Time.
func (i Instant) Time() time.Time {
	if i == 0 {
		return time.Time{}
	}
	return time.Unix(0, int64(i)).UTC()
}

// Add returns i moved by d.
func (i Instant) Add(d time.Duration) Instant { return i + Instant(d) }

// Sub returns the duration from j to i.
func (i Instant) Sub(j Instant) time.Duration { return time.Duration(i - j) }

// Truncate rounds i down to a multiple of d since the Unix epoch; d must be
// positive.
func (i Instant) Truncate(d time.Duration) Instant {
	r := i % Instant(d)
	if r < 0 {
		r += Instant(d)
	}
	return i - r
}

// String formats i as RFC 3339 with nanoseconds in UTC; 0 becomes "".
func (i Instant) String() string {
	if i == 0 {
		return ""
	}
	return i.Time().Format(time.RFC3339Nano)
}

// MarshalText makes an Instant an RFC 3339 string in JSON.
func (i Instant) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (i *Instant) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*i = 0
		return nil
	}
	t, err := time.Parse(time.RFC3339Nano, string(b))
	if err != nil {
		return err
	}
	*i = At(t)
	return nil
}

// An Interval is the half-open span [From, To).
type Interval struct {
	From Instant `json:"from"`
	To   Instant `json:"to"`
}

// Duration returns the length of v, 0 when v is empty or reversed.
func (v Interval) Duration() time.Duration {
	if v.To <= v.From {
		return 0
	}
	return v.To.Sub(v.From)
}

// Clip returns the part of v that lies in w; the result is empty when they do
// not overlap.
func (v Interval) Clip(w Interval) Interval {
	v.From, v.To = max(v.From, w.From), min(v.To, w.To)
	if v.To < v.From {
		v.To = v.From
	}
	return v
}

// Contains reports whether t lies in v.
func (v Interval) Contains(t Instant) bool { return v.From <= t && t < v.To }
