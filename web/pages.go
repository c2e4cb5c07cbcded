package web

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"andon/plant"
)

// A frame is what every page has.
type frame struct {
	Title    string
	Palette  Palette
	Build    string
	Zone     string
	Now      int64 // Unix milliseconds
	Clock    string
	Silence  int64  // milliseconds without a word after which the page says so
	Events   string // address of the page's live events
	User     string // who is logged in
	CanWrite bool
	Parts    partsView
}

// missedBeats is how many heartbeats a page misses before it says so.
const missedBeats = 3

func (s *Server) frame(r *http.Request) frame {
	now := s.o.Now()
	return frame{Title: s.title(), Palette: s.o.Config.Palette, Build: s.assets.build, Zone: s.o.Tree.Zone.String(),
		Now: now.UnixMilli(), Clock: s.clock(plant.At(now)), Silence: missedBeats * s.o.Config.Heartbeat.Milliseconds(),
		User: s.gate.user(r, now), CanWrite: s.gate.open}
}

// title is the configured one, or the site and its areas.
func (s *Server) title() string {
	if s.o.Config.Title != "" {
		return s.o.Config.Title
	}
	var areas []string
	for _, a := range s.o.Tree.Areas {
		areas = append(areas, a.Name)
	}
	return s.o.Tree.Site + " – " + strings.Join(areas, ", ")
}

// clock formats a time of day at the site.
func (s *Server) clock(t plant.Instant) string { return t.Time().In(s.o.Tree.Zone).Format("15:04:05") }

// moment formats a time at the site with its day and zone.
func (s *Server) moment(t plant.Instant) string {
	return t.Time().In(s.o.Tree.Zone).Format("Mon 2 Jan 15:04:05 MST")
}

func (s *Server) parsePages() (*template.Template, error) {
	t := template.New("").Funcs(template.FuncMap{
		"asset":  func(name string) string { return s.assets.url[name] },
		"moment": s.moment,
		"words":  func(name string) string { return strings.ReplaceAll(name, "_", " ") },
		"upper":  func(p plant.Priority) string { return strings.ToUpper(string(p)) },
		"legend": legend,
	})
	t, err := t.ParseFS(files, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse pages: %w", err)
	}
	return t, nil
}

// render executes one template; data is what that template says.
func (s *Server) render(name string, data any) (string, error) {
	var b bytes.Buffer
	if err := s.pages.ExecuteTemplate(&b, name, data); err != nil {
		return "", fmt.Errorf("render %s: %w", name, err)
	}
	return strings.TrimSpace(b.String()), nil
}

func (s *Server) page(w http.ResponseWriter, status int, name string, data any) error {
	html, err := s.render(name, data)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(html + "\n"))
	return nil
}

type problemData struct {
	frame
	Status  int
	Message string
}

// problemPage answers a person with a problem.
func (s *Server) problemPage(w http.ResponseWriter, r *http.Request, p problem) {
	if err := s.page(w, p.status, "problem", problemData{s.frame(r), p.status, p.message}); err != nil {
		s.o.Log.Error("problem page not rendered", "err", err)
		http.Error(w, p.message, p.status)
	}
}
