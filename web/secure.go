package web

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
)

// policy lets a page load its own files only, run no inline script or style
// and be framed by nobody.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// secure sets the headers of every answer and refuses writes that another
// site's page sends with a person's cookie.
func (s *Server) secure(next http.Handler) http.Handler {
	origin := http.NewCrossOriginProtection()
	origin.SetDenyHandler(http.HandlerFunc(s.refuseOrigin))
	guarded := origin.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if s.tls != nil {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		guarded.ServeHTTP(w, r)
	})
}

func (s *Server) refuseOrigin(w http.ResponseWriter, r *http.Request) {
	p := problem{http.StatusForbidden, "cross_origin", "the request came from another site's page"}
	s.metrics.refused.WithLabelValues(p.code).Inc()
	if !strings.HasPrefix(r.URL.Path, "/api/") {
		s.problemPage(w, r, p)
		return
	}
	_ = writeJSON(w, p.status, errorBody{errorDetail{Code: p.code, Message: p.message}})
}

// readWrite reads what somebody asks to write, and in whose name: a program
// says it, a person who is logged in speaks for nobody else. user is where the
// request names the person.
func readWrite[T any](s *Server, r *http.Request, user func(*T) *string) (T, error) {
	var req T
	if err := readQuery(r).done(); err != nil {
		return req, err
	}
	who, err := s.admit(r)
	if err != nil {
		return req, err
	}
	if req, err = readJSON[T](r); err != nil {
		return req, err
	}
	name := user(&req)
	*name = strings.TrimSpace(*name)
	if !who.program {
		if *name != "" && *name != who.user {
			return req, badRequest("bad_user", "user: you are logged in as "+who.user)
		}
		*name = who.user
	}
	return req, nil
}

// readJSON decodes a small JSON body strictly.
func readJSON[T any](r *http.Request) (T, error) {
	var into T
	if mime, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); strings.TrimSpace(mime) != "application/json" {
		return into, problem{http.StatusUnsupportedMediaType, "want_json", "want Content-Type: application/json"}
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&into); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return into, err
		}
		return into, badRequest("bad_body", "want a JSON object as the API's description says: "+err.Error())
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return into, badRequest("bad_body", "want one JSON object and nothing after it")
	}
	return into, nil
}
