package production

import (
	"math/bits"
	"strconv"
	"time"

	"andon/plant"
)

// Float returns m in units of the currency.
func (m Money) Float() float64 { return float64(m) / moneyUnit }

// String returns m with two decimals, or as many more as it has.
func (m Money) String() string {
	sign, v := "", uint64(m)
	if m < 0 {
		sign, v = "-", -uint64(m)
	}
	frac := strconv.AppendUint(nil, v%moneyUnit+moneyUnit, 10)[1:]
	for len(frac) > 2 && frac[len(frac)-1] == '0' {
		frac = frac[:len(frac)-1]
	}
	return sign + strconv.FormatUint(v/moneyUnit, 10) + "." + string(frac)
}

// MarshalJSON writes m as a number in units of the currency.
func (m Money) MarshalJSON() ([]byte, error) { return []byte(m.String()), nil }

// A rate is money for every stretch of time.
type rate struct {
	amount Money
	per    time.Duration // positive
	basis  string        // "" when time has no price
}

// during returns what v costs. It is the difference of what the time up to
// each end costs, rounded down to a millionth: so it is within a millionth of
// the exact amount, and the parts of v cost exactly what v does.
func (r rate) during(v plant.Interval) Money {
	if v.To <= v.From {
		return 0
	}
	return Money(r.upTo(v.To) - r.upTo(v.From))
}

// upTo returns the cost of the time up to t, modulo 2^64.
func (r rate) upTo(t plant.Instant) uint64 {
	hi, lo := bits.Mul64(uint64(max(t, 0)), uint64(r.amount))
	q, _ := bits.Div64(hi%uint64(r.per), lo, uint64(r.per))
	return q
}

// of returns what a length of time costs, rounded down.
func (r rate) of(d time.Duration) Money {
	if d < 0 {
		return -r.of(-d)
	}
	return Money(r.upTo(plant.Instant(d)))
}
