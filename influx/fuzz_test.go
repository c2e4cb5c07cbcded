package influx

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	influxhttp "github.com/influxdata/influxdb-client-go/v2/api/http"
)

func FuzzAnyAnswerIsJudged(f *testing.F) {
	f.Add(400, `{"error":"partial write: field type conflict: input field \"speed\" on measurement \"telemetry\" is type float, already exists as type integer dropped=1"}`, "5")
	f.Add(422, `{"code":"x","message":"partial write: points beyond retention policy dropped=99999999999999999999"}`, "Mon, 02 Mar 2026 08:00:00 GMT")
	f.Add(500, `{"error":"e","data":[{"original_line":"telemetry,a=b c=1","error_message":"column 'c', expected iox::column_type::field::string, got x"}]}`, "-1")
	f.Add(413, "<html>", "99999999999999999999")
	f.Fuzz(func(t *testing.T, status int, body, after string) {
		v := judge(&influxhttp.Error{StatusCode: status, Message: body, Header: http.Header{"Retry-After": {after}}}, time.Unix(1772438400, 0))
		if v.action == 0 || v.action != actionDone && v.reason == "" {
			t.Errorf("verdict of %d %q: got %+v, want an action and a reason", status, body, v)
		}
		if v.action == actionDone && v.expired == 0 {
			t.Errorf("verdict of %d %q: got done", status, body)
		}
		if v.after < 0 || v.after > maxRetryAfter || len(v.text) > maxTextBytes+10 {
			t.Errorf("verdict of %d: got a pause of %v and a text of %d bytes", status, v.after, len(v.text))
		}
		v.conflict()
	})
}

func FuzzAnyAnswerToAQueryIsRead(f *testing.F) {
	f.Add([]byte(`{"results":[{"series":[{"name":"telemetry","tags":{"line":"lineA"},"columns":["time","speed_status"],"values":[[1,2150694912]]}]}]}`))
	f.Add([]byte(`{"results":[{"error":"database not found: x"}]}`))
	f.Add([]byte(`{"results":[{"series":[{"columns":["time","x"],"values":[[null,"y"]]}]}]}`))
	f.Fuzz(func(_ *testing.T, answer []byte) {
		series, err := decodeAnswer(answer)
		if err != nil {
			return
		}
		for _, s := range series {
			s.addStatus(map[statusID]tagStatus{})
		}
	})
}

func FuzzAnyBytesAreLines(f *testing.F) {
	f.Add([]byte("m,a=b f=\"x\ny\",g=1 1\nm f=1 2\n"))
	f.Add([]byte(`m f="\`))
	f.Add([]byte("\n\n \\"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if n := middle(b); len(b) > 0 && (n <= 0 || n > len(b)) {
			t.Errorf("middle of %q: got %d", b, n)
		}
		for rest := b; len(rest) > 0; {
			n := lineLength(rest)
			if n <= 0 || n > len(rest) {
				t.Fatalf("line length of %q: got %d", rest, n)
			}
			splitFields(rest[:n])
			rest = rest[n:]
		}
		if !bytes.ContainsRune(b, '"') && countLines(b) < bytes.Count(b, []byte("\n"))-bytes.Count(b, []byte("\\")) {
			t.Errorf("lines of %q: got %d", b, countLines(b))
		}
	})
}
