package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"andon/queue"
)

const (
	// maxExports bounds how many read the stream through the API at once:
	// each takes from the disk what the plant's own readers want.
	maxExports = 2
	// exportPatience is how long one who exports may take none of it.
	exportPatience = 30 * time.Second
	// exportedTrailer comes after the last byte of a complete export.
	exportedTrailer = "Andon-Exported"
)

// serveQueueExport streams a part of the stream. A trailer at its end says
// that it is complete; one that is not is cut off.
func (s *Server) serveQueueExport(w http.ResponseWriter, r *http.Request) error {
	q := readQuery(r)
	span := q.window()
	e := queue.Export{Area: q.text("area"), From: span.From, To: span.To, Unwritten: q.truth("unwritten"),
		Format: q.choice("format", queue.FormatNDJSON, queue.FormatNDJSON, queue.FormatLines)}
	if err := q.done(); err != nil {
		return err
	}
	if _, err := s.admit(r); err != nil {
		return err
	}
	from, err := s.queued()
	if err != nil {
		return err
	}
	select {
	case s.exports <- struct{}{}:
		defer func() { <-s.exports }()
	default:
		w.Header().Set("Retry-After", "30")
		return problem{http.StatusServiceUnavailable, "too_many_exports", fmt.Sprintf("%d exports run already: wait until one is done", maxExports)}
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	go func() { // ends with this request at the latest
		select {
		case <-s.stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	return s.export(ctx, from, e, &exportWriter{w: w, rc: http.NewResponseController(w)})
}

// export writes what e means to the asker.
func (s *Server) export(ctx context.Context, from *queue.Queue, e queue.Export, out *exportWriter) error {
	// An export outlives the time that a request's body may take.
	if err := out.rc.SetReadDeadline(time.Time{}); err != nil {
		return fmt.Errorf("keep export open: %w", err)
	}
	h := out.w.Header()
	h.Set("Content-Type", "application/x-ndjson")
	if e.Format == queue.FormatLines {
		h.Set("Content-Type", "text/plain; charset=utf-8")
	}
	h.Set("Trailer", exportedTrailer)
	sum, err := from.Export(ctx, e, out)
	if err != nil {
		h.Del("Trailer")
		if out.lost {
			s.o.Log.Debug("export ended early", "err", err)
			return nil
		}
		return queueProblem(err)
	}
	text, err := json.Marshal(sum)
	if err != nil {
		return err
	}
	h.Set(exportedTrailer, string(text))
	s.o.Log.Info("stream exported", "area", e.Area, "messages", sum.Messages, "samples", sum.Samples)
	return nil
}

// An exportWriter gives the asker some time for each piece, not for all.
type exportWriter struct {
	w    http.ResponseWriter
	rc   *http.ResponseController
	lost bool // the asker went away
}

// Write implements io.Writer.
func (e *exportWriter) Write(b []byte) (int, error) {
	if err := e.rc.SetWriteDeadline(time.Now().Add(exportPatience)); err != nil {
		return 0, err
	}
	n, err := e.w.Write(b)
	e.lost = e.lost || err != nil
	return n, err
}
