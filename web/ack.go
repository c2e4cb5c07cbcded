package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"andon/alerts"
	"andon/plant"
)

// commandTimeout bounds the way of a command over the stream and back.
const commandTimeout = 10 * time.Second

// The bounds of what a person may write.
const (
	maxUser    = 64
	maxComment = 500
)

type ackRequest struct {
	User    string `json:"user"`
	Comment string `json:"comment"`
}

type ackBody struct {
	Alarm   string `json:"alarm"`
	Command string `json:"command"` // id of the command on the stream
	User    string `json:"user"`
	Time    moment `json:"time"`
}

// serveAck acknowledges an alarm for a program or a logged-in person.
func (s *Server) serveAck(w http.ResponseWriter, r *http.Request) error {
	req, err := readWrite(s, r, func(q *ackRequest) *string { return &q.User })
	if err != nil {
		return err
	}
	cmd, err := s.acknowledge(r, req.User, req.Comment)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, ackBody{Alarm: cmd.Target, Command: cmd.ID, User: cmd.User, Time: moment(cmd.Time)})
}

// admit returns who asks to write and leaves a line in the log when somebody
// may not.
func (s *Server) admit(r *http.Request) (writer, error) {
	who, err := s.gate.admit(r, s.o.Now())
	if err != nil {
		s.o.Log.Warn("write refused", "path", r.URL.Path, "addr", r.RemoteAddr, "reason", asProblem(err).code)
	}
	return who, err
}

// acknowledge gives the command to take the alarm that the address names.
func (s *Server) acknowledge(r *http.Request, user, comment string) (plant.Command, error) {
	user, comment = strings.TrimSpace(user), strings.TrimSpace(comment)
	if err := checkText("user", user, 1, maxUser); err != nil {
		return plant.Command{}, err
	}
	if err := checkText("comment", comment, 0, maxComment); err != nil {
		return plant.Command{}, err
	}
	row, err := s.o.Store.Alarm(r.Context(), r.PathValue("id"))
	if err != nil {
		return plant.Command{}, err
	}
	if !row.Open {
		return plant.Command{}, alarmOver()
	}
	cmd := plant.Command{ID: rand.Text(), Verb: plant.VerbAlarmAck, Target: row.ID,
		User: user, Comment: comment, Time: plant.At(s.o.Now())}
	return cmd, s.command(r, cmd)
}

// command sends cmd to the engine and leaves a line in the log, whatever
// comes of it.
func (s *Server) command(r *http.Request, cmd plant.Command) error {
	ctx, cancel := context.WithTimeout(r.Context(), commandTimeout)
	defer cancel()
	err := s.o.Engine.Do(ctx, cmd)
	s.audit(r, cmd, err)
	if err != nil {
		return s.commandProblem(err)
	}
	return nil
}

// audit leaves a line in the log of a command and what came of it.
func (s *Server) audit(r *http.Request, cmd plant.Command, err error) {
	log := s.o.Log.With("command", cmd.ID, "verb", cmd.Verb, "target", cmd.Target, "user", cmd.User, "addr", r.RemoteAddr)
	if err != nil {
		log.Warn("command not done", "err", err)
		return
	}
	log.Info("command done")
}

// commandProblem says why a command was not done.
func (s *Server) commandProblem(err error) error {
	var taken *alerts.AcknowledgedError
	switch {
	case errors.As(err, &taken):
		return problem{http.StatusConflict, "already_acknowledged",
			fmt.Sprintf("%s acknowledged it at %s", taken.User, s.moment(taken.Time))}
	case errors.Is(err, alerts.ErrUnknownAlarm):
		return alarmOver()
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return problem{http.StatusGatewayTimeout, "not_confirmed",
			"the engine did not confirm in time; look at the alarm before you try again"}
	}
	return err
}

func alarmOver() problem {
	return problem{http.StatusConflict, "alarm_over", "the alarm is over: there is nothing to acknowledge"}
}

// checkText holds what a person wrote to a number of letters that can be
// printed.
func checkText(name, text string, low, high int) error {
	unprintable := func(r rune) bool { return !unicode.IsPrint(r) }
	n := utf8.RuneCountInString(text)
	if n < low || n > high || !utf8.ValidString(text) || strings.ContainsFunc(text, unprintable) {
		return badRequest("bad_"+name, fmt.Sprintf("%s: want %d to %d printable characters", name, low, high))
	}
	return nil
}

// ackForm acknowledges an alarm from a page.
func (s *Server) ackForm(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	page := "/alarms/" + url.PathEscape(r.PathValue("id"))
	who, err := s.admit(r)
	if err != nil && asProblem(err).status == http.StatusUnauthorized {
		http.Redirect(w, r, "/login?next="+url.QueryEscape(page), http.StatusSeeOther)
		return nil
	}
	if err != nil {
		return err
	}
	if who.program {
		return badRequest("want_session", "programs acknowledge at /api/v1/alarms/{id}/ack")
	}
	if _, err := s.acknowledge(r, who.user, r.PostForm.Get("comment")); err != nil {
		return err
	}
	http.Redirect(w, r, localPath(r.PostForm.Get("next"), page), http.StatusSeeOther)
	return nil
}

// parseForm reads a form's body.
func parseForm(r *http.Request) error {
	err := r.ParseForm()
	var tooLarge *http.MaxBytesError
	if err != nil && !errors.As(err, &tooLarge) {
		return badRequest("bad_body", "the form is not well-formed")
	}
	return err
}

// localPath returns next when it is a path of this server, else missing.
func localPath(next, missing string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return missing
	}
	return next
}
