package production

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Seconds is an exact span of time in nanoseconds that JSON shows as a number
// of seconds.
type Seconds time.Duration

// Float returns s in seconds.
func (s Seconds) Float() float64 { return float64(s) / 1e9 }

// Duration returns s as a time.Duration.
func (s Seconds) Duration() time.Duration { return time.Duration(s) }

// MarshalJSON writes seconds with as many decimals as needed.
func (s Seconds) MarshalJSON() ([]byte, error) {
	whole, frac := int64(s)/1e9, int64(s)%1e9
	if frac == 0 {
		return strconv.AppendInt(nil, whole, 10), nil
	}
	var b []byte
	if s < 0 {
		b, whole, frac = append(b, '-'), -whole, -frac
	}
	b = strconv.AppendInt(b, whole, 10)
	digits := strconv.AppendInt(nil, frac+1e9, 10)
	digits[0] = '.'
	for digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
	}
	return append(b, digits...), nil
}

// UnmarshalJSON reads what MarshalJSON wrote, exactly.
func (s *Seconds) UnmarshalJSON(b []byte) error {
	whole, frac, _ := strings.Cut(string(b), ".")
	if len(frac) > 9 {
		return fmt.Errorf("read seconds %q: more than nine decimals", b)
	}
	n, err := strconv.ParseInt(whole+frac+strings.Repeat("0", 9-len(frac)), 10, 64)
	if err != nil {
		return fmt.Errorf("read seconds %q: %w", b, err)
	}
	*s = Seconds(n)
	return nil
}

// A Ratio is a number that does not exist when its denominator is zero; then
// it is null in JSON, not 0 and not 1. The zero Ratio does not exist.
type Ratio struct {
	Value float64
	OK    bool
}

// Over returns num/den, which does not exist for den = 0.
func Over(num, den float64) Ratio {
	if v := num / den; den != 0 && !math.IsNaN(v) && !math.IsInf(v, 0) {
		return Ratio{Value: v, OK: true}
	}
	return Ratio{}
}

// MarshalJSON writes the number or null.
func (r Ratio) MarshalJSON() ([]byte, error) {
	if !r.OK {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, r.Value, 'g', -1, 64), nil
}

// String returns the number with six decimals, "-" when it does not exist.
func (r Ratio) String() string {
	if !r.OK {
		return "-"
	}
	return strconv.FormatFloat(r.Value, 'f', 6, 64)
}
