package influx

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	influxhttp "github.com/influxdata/influxdb-client-go/v2/api/http"

	"andon/plant"
)

// An action is what an answer of InfluxDB asks for.
type action uint8

const (
	actionDone   action = iota + 1 // InfluxDB has the lines
	actionWait                     // an outage: try again with a growing pause
	actionHold                     // a person must act: try again slowly
	actionSplit                    // the request is too large
	actionBisect                   // at least one line is refused
)

// A verdict is what one request came to.
type verdict struct {
	action  action
	reason  string        // bounded, for metrics
	text    string        // what InfluxDB said, for people
	after   time.Duration // the server's wish for the pause
	expired int           // points beyond the retention policy, which InfluxDB dropped
	lines   []lineError   // what InfluxDB 3 said of single lines
}

// maxTextBytes bounds what is kept of an answer: it repeats whole lines.
const maxTextBytes = 2000

// maxRetryAfter bounds the pause a server can ask for, so that a wrong number
// does not stop the plant's data for a day.
const maxRetryAfter = 10 * time.Minute

// judge decides by the status code, and by the text where codes are used in
// more than one sense: some servers say 500 to a line that will never fit.
func judge(err error, now time.Time) verdict {
	if err == nil {
		return verdict{action: actionDone}
	}
	var answer *influxhttp.Error
	if !errors.As(err, &answer) || answer.StatusCode == 0 {
		return verdict{action: actionWait, reason: networkReason(err), text: err.Error()}
	}
	v := verdict{after: retryAfter(answer.Header, now)}
	v.text, v.lines = answerText(answer)
	v.action, v.reason = judgeStatus(answer.StatusCode)
	if v.action == actionWait || v.action == actionBisect {
		v.judgeText()
	}
	return v
}

func judgeStatus(code int) (action, string) {
	switch {
	case code == http.StatusRequestEntityTooLarge:
		return actionSplit, "too_large"
	case code == http.StatusBadRequest || code == http.StatusUnprocessableEntity:
		return actionBisect, reasonRefused
	case code == http.StatusTooManyRequests:
		return actionWait, "rate_limit"
	case code == http.StatusRequestTimeout || code == http.StatusGatewayTimeout:
		return actionWait, reasonTimeout
	case code >= 500:
		return actionWait, "server"
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return actionHold, "unauthorized"
	case code == http.StatusNotFound:
		return actionHold, reasonNotFound
	}
	return actionHold, "unexpected"
}

// The reasons that decide something.
const (
	reasonRefused  = "refused"
	reasonNotFound = "not_found"
	reasonTimeout  = "timeout"
)

// lineFaults are the texts by which servers say that single lines are at
// fault, and the reason that each is. The sure ones count with any status.
var lineFaults = []struct {
	text, reason string
	sure         bool
}{
	{"field type conflict", "type_conflict", true},
	{"invalid column type", "type_conflict", true},
	{"unable to parse", "parse", true},
	{"partial write", "partial_write", true},
	{"line protocol", "parse", false},
}

func (v *verdict) judgeText() {
	text := strings.ToLower(v.text)
	if dropped := beyondRetention.FindStringSubmatch(text); dropped != nil {
		// InfluxDB took everything that it would still keep.
		v.action, v.reason = actionDone, "retention"
		v.expired, _ = strconv.Atoi(dropped[1] + dropped[2])
		v.expired = max(v.expired, 1)
		return
	}
	for _, f := range lineFaults {
		if strings.Contains(text, f.text) && (f.sure || v.action == actionBisect) {
			v.action, v.reason = actionBisect, f.reason
			return
		}
	}
}

// namesLines reports whether the server blamed lines, not the request.
func (v verdict) namesLines() bool { return v.reason != reasonRefused }

// beyondRetention matches what InfluxDB 1.8 and 2.0, and then what 1.12 and 2.7,
// say of points that are too old for the database.
var beyondRetention = regexp.MustCompile(`points beyond retention policy(?: dropped=(\d+))?|dropped (\d+) points? outside (?:retention policy|write window)`)

func networkReason(err error) string {
	var timeout net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		return reasonTimeout
	}
	return "network"
}

// An answerBody is what servers put into an error: 1.8 and 3 an error, 2 a
// message. InfluxDB 3 adds what is wrong with which line; in other errors
// that part has another shape, so it is decoded apart.
type answerBody struct {
	Error   string          `json:"error"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data"`
}

// A lineError is what InfluxDB 3 says of one line.
type lineError struct {
	Line    string `json:"original_line"`
	Message string `json:"error_message"`
}

// answerText returns what the server said, without the JSON around it, and
// what it said of single lines.
func answerText(e *influxhttp.Error) (string, []lineError) {
	var body answerBody
	var lines []lineError
	text := e.Message
	if json.Unmarshal([]byte(text), &body) == nil && body.Error+body.Message != "" {
		text = strings.TrimSpace(body.Error + " " + body.Message)
		if json.Unmarshal(body.Data, &lines) == nil && len(lines) > 0 {
			text += ": " + lines[0].Message
		}
	}
	text = strconv.Itoa(e.StatusCode) + " " + http.StatusText(e.StatusCode) + ": " + strings.TrimSpace(text)
	if len(text) > maxTextBytes {
		text = strings.ToValidUTF8(text[:maxTextBytes], "") + "…"
	}
	return text, lines
}

// retryAfter reads a number of seconds or a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	wish := time.Duration(0)
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		wish = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wish = at.Sub(now)
	}
	return min(max(wish, 0), maxRetryAfter)
}

// The ways in which servers name a field that exists with another type:
// InfluxDB 1.8 and 2, and two of InfluxDB 3.
var (
	conflictV1 = regexp.MustCompile(`input field "(.+?)" on measurement "` + measurementTelemetry + `" is type \w+, already exists as type (\w+)`)
	conflictV3 = regexp.MustCompile(`column '(.+?)', expected iox::column_type::field::(\w+), got|field '(.+?)' on line \d+: expected type (\w+), but got`)
)

// conflict returns the field of the measurement telemetry that the server
// has with another type, and that type. It is false when it named none.
func (v verdict) conflict() (field string, kind plant.Kind, ok bool) {
	if found := conflictV1.FindStringSubmatch(v.text); found != nil {
		return typedField(found[1], found[2])
	}
	for _, l := range v.lines {
		found := conflictV3.FindStringSubmatch(l.Message)
		if found != nil && strings.HasPrefix(l.Line, measurementTelemetry+",") {
			return typedField(found[1]+found[3], found[2]+found[4])
		}
	}
	return "", plant.KindNone, false
}

func typedField(field, influxType string) (string, plant.Kind, bool) {
	switch influxType {
	case "float", "f64":
		return field, plant.KindFloat, true
	case "integer", "i64":
		return field, plant.KindInt, true
	case "unsigned", "uinteger", "u64":
		return field, plant.KindUint, true
	case "boolean", "bool":
		return field, plant.KindBool, true
	case "string":
		return field, plant.KindText, true
	}
	return "", plant.KindNone, false
}
