package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"sync"

	"andon/store"
)

// A problem is an answer that is not what was asked for. Its code stays the
// same across versions; its message is for people.
type problem struct {
	status  int
	code    string
	message string
}

// Error returns the message.
func (p problem) Error() string { return p.message }

func badRequest(code, message string) problem {
	return problem{http.StatusBadRequest, code, message}
}

// errorBody is every answer of the API that is not a success.
type errorBody struct {
	Error errorDetail `json:"error"`
}

type errorDetail struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	// Current is what there is now, when that is why something is refused.
	Current *currentBody `json:"current,omitempty"`
}

// asProblem turns any error of a handler into what is told to the asker. Only
// problems tell their text; the cause of others is for the log.
func asProblem(err error) problem {
	var p problem
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &tooLarge):
		return problem{http.StatusRequestEntityTooLarge, "body_too_large", "the body is too large"}
	case errors.Is(err, store.ErrNotFound):
		return problem{http.StatusNotFound, "not_found", "no such record"}
	}
	return problem{http.StatusInternalServerError, "internal", "andon could not answer; its log says why"}
}

// writeJSON sends v. The answer is of this moment and must not be kept.
func writeJSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// An asker who went away is not a failure of the handler.
	_, _ = w.Write(append(body, '\n'))
	return nil
}

// A changeLog remembers the last failure of each route, so that the log gets
// a failure once and not with every request. It is safe for concurrent use.
type changeLog struct {
	mu   sync.Mutex
	last map[string]string
}

// news notes what a route ended with, "" for well, and reports whether it
// differs from the time before.
func (c *changeLog) news(route, text string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last[route] == text {
		return false
	}
	if c.last == nil {
		c.last = map[string]string{}
	}
	c.last[route] = text
	return true
}
