package web

import (
	"net/http"
	"strings"
)

type loginData struct {
	frame
	Next, Name, Error string
}

// loginPage asks for a name and the token.
func (s *Server) loginPage(w http.ResponseWriter, r *http.Request) error {
	q := readQuery(r)
	next := localPath(q.text("next"), "/alarms")
	if err := q.done(); err != nil {
		return err
	}
	return s.page(w, http.StatusOK, "login", loginData{frame: s.frame(r), Next: next})
}

// loginForm starts a session. The session carries the person's name, so that
// every write says who it was.
func (s *Server) loginForm(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	d := loginData{frame: s.frame(r), Name: strings.TrimSpace(r.PostForm.Get("name")), Next: localPath(r.PostForm.Get("next"), "/alarms")}
	err := checkText("name", d.Name, 1, maxUser)
	if err == nil && !s.gate.open {
		err = problem{http.StatusForbidden, "writes_off", "nobody can log in: web.token is not set"}
	}
	if err == nil {
		err = s.gate.try("login", r.RemoteAddr, r.PostForm.Get("token"), s.o.Now())
	}
	if err != nil {
		p := asProblem(err)
		s.metrics.refused.WithLabelValues(p.code).Inc()
		s.o.Log.Warn("login refused", "addr", r.RemoteAddr, "reason", p.code)
		d.Error = p.message
		return s.page(w, p.status, "login", d)
	}
	s.o.Log.Info("login", "user", d.Name, "addr", r.RemoteAddr)
	http.SetCookie(w, s.gate.session(d.Name, s.o.Now()))
	http.Redirect(w, r, d.Next, http.StatusSeeOther)
	return nil
}

// logoutForm ends a session.
func (s *Server) logoutForm(w http.ResponseWriter, r *http.Request) error {
	if user := s.gate.user(r, s.o.Now()); user != "" {
		s.o.Log.Info("logout", "user", user, "addr", r.RemoteAddr)
	}
	http.SetCookie(w, s.gate.farewell())
	http.Redirect(w, r, "/alarms", http.StatusSeeOther)
	return nil
}
