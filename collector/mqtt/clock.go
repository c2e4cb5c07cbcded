package mqtt

import (
	"math"
	"strconv"
	"strings"
	"time"

	"andon/plant"
)

// A TimeFormat is how a payload writes its time stamp. "" finds out: text in
// RFC 3339, and numbers by their size as seconds, milliseconds, microseconds
// or nanoseconds since 1970.
type TimeFormat string

// The formats of time stamps. Numbers may have a fraction and may stand in
// quotes.
const (
	TimeUnix        TimeFormat = "unix"
	TimeUnixMilli   TimeFormat = "unix_ms"
	TimeUnixMicro   TimeFormat = "unix_us"
	TimeUnixNano    TimeFormat = "unix_ns"
	TimeRFC3339     TimeFormat = "rfc3339"
	timeFormatGuess TimeFormat = ""
)

func (f TimeFormat) valid() bool {
	return f == timeFormatGuess || f == TimeRFC3339 || f.unit() > 0
}

func timeFormatNames() string {
	return strings.Join([]string{string(TimeUnixMilli), string(TimeUnix), string(TimeUnixMicro), string(TimeUnixNano), string(TimeRFC3339)}, ", ")
}

// A time stamp outside this window is a wrong clock. A device may send what
// it stored for long; nothing it sends has happened tomorrow.
const (
	maxAhead  = 5 * time.Minute
	maxBehind = 10 * 366 * 24 * time.Hour
)

// unit returns what 1 stands for in a numeric format, else 0.
func (f TimeFormat) unit() time.Duration {
	switch f {
	case TimeUnix:
		return time.Second
	case TimeUnixMilli:
		return time.Millisecond
	case TimeUnixMicro:
		return time.Microsecond
	case TimeUnixNano:
		return time.Nanosecond
	}
	return 0
}

// guessUnit tells seconds, milliseconds, microseconds and nanoseconds since
// 1970 apart. Each range begins in 1973 and ends in the year 5138, so that no
// time of a plant falls in two.
func guessUnit(n int64) time.Duration {
	switch {
	case n < 1e11:
		return time.Second
	case n < 1e14:
		return time.Millisecond
	case n < 1e17:
		return time.Microsecond
	}
	return time.Nanosecond
}

// parse reads a time stamp. It is false for what the format does not allow,
// for times before 1970 or after 2262, and for 0: a device without a clock.
func (f TimeFormat) parse(b []byte) (plant.Instant, bool) {
	if f == TimeRFC3339 || f == timeFormatGuess && len(b) > 4 && b[4] == '-' {
		return parseRFC3339(string(b))
	}
	return parseUnix(b, f.unit())
}

func parseRFC3339(s string) (plant.Instant, bool) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return 0, false
	}
	if t.Unix() <= 0 || t.Unix() >= math.MaxInt64/int64(time.Second) {
		return 0, false
	}
	return plant.At(t), true
}

// parseUnix reads a number of units since 1970; unit 0 finds the unit out. A
// fraction is read digit by digit, as a float64 could not hold nanoseconds.
func parseUnix(b []byte, unit time.Duration) (plant.Instant, bool) {
	var n, fraction int64
	scale, digits, point := int64(1), 0, false
	for _, c := range b {
		switch {
		case c == '.' && !point:
			point = true
		case c < '0' || c > '9':
			return parseUnixFloat(b, unit)
		case !point:
			if digits++; digits > 18 && n > (math.MaxInt64-9)/10 {
				return 0, false
			}
			n = n*10 + int64(c-'0')
		case scale < 1e9:
			fraction, scale = fraction*10+int64(c-'0'), scale*10
		}
	}
	if unit == 0 {
		unit = guessUnit(n)
	}
	if digits == 0 || n > math.MaxInt64/int64(unit)-1 {
		return 0, false
	}
	i := plant.Instant(n*int64(unit) + fraction*int64(unit)/scale)
	return i, i > 0
}

// parseUnixFloat reads what only looks like a time on second sight: 1.7e9.
func parseUnixFloat(b []byte, unit time.Duration) (plant.Instant, bool) {
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil || !(f > 0 && f < math.MaxInt64) {
		return 0, false
	}
	if unit == 0 {
		unit = guessUnit(int64(f))
	}
	if f *= float64(unit); f >= math.MaxInt64 {
		return 0, false
	}
	i := plant.Instant(f)
	return i, i > 0
}
