package web

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// An export whose stream cannot be read any further has sent megabytes by then.
func TestAnAnswerThatFailsInTheMiddleIsCutOff(t *testing.T) {
	s := &Server{o: Options{Log: slog.New(slog.DiscardHandler)}, metrics: NewMetrics(prometheus.NewRegistry()), trouble: changeLog{last: map[string]string{}}}
	fails := func(after string) handler {
		return func(w http.ResponseWriter, _ *http.Request) error {
			err := errors.New("the stream is gone")
			if after == "" {
				return err
			}
			_, broken := io.WriteString(w, after)
			return errors.Join(err, broken, http.NewResponseController(w).Flush())
		}
	}
	for _, c := range []struct {
		name, sent string
		status     int
		cut        error
	}{
		{"before anything was sent", "", http.StatusInternalServerError, nil},
		{"in the middle", "half of an answer\n", http.StatusOK, io.ErrUnexpectedEOF},
	} {
		t.Run(c.name, func(t *testing.T) {
			served := httptest.NewServer(s.answer(route{path: "/x", live: true, methods: get(fails(c.sent))}))
			defer served.Close()
			resp, err := http.Get(served.URL)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if resp.StatusCode != c.status || !errors.Is(err, c.cut) {
				t.Errorf("got %d, %v; want %d and %v", resp.StatusCode, err, c.status, c.cut)
			}
			if c.sent != "" && string(body) != c.sent {
				t.Errorf("got %q, want what was sent and no more", body)
			}
			if c.sent == "" && !strings.Contains(string(body), `"code":"internal"`) {
				t.Errorf("got %q, want the problem", body)
			}
		})
	}
}
