package web

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"andon/collector"
	"andon/plant"
)

type sourcesBody struct {
	Sources []sourceBody `json:"sources"`
}

type sourceBody struct {
	Source   string        `json:"source"`
	Up       bool          `json:"up"`
	Since    moment        `json:"since"` // when up last changed
	Error    string        `json:"error"`
	Attempts int           `json:"attempts"`
	Via      string        `json:"via"`
	Troubles []troubleBody `json:"troubles"` // of the source itself first
}

type troubleBody struct {
	Of   string `json:"of"`
	Text string `json:"text"`
	Own  bool   `json:"own"`
}

// serveSources answers with how the sources do, and what of them is in trouble.
func (s *Server) serveSources(w http.ResponseWriter, r *http.Request) error {
	q := readQuery(r)
	name := q.text("source")
	if err := q.done(); err != nil {
		return err
	}
	a := sourcesBody{Sources: []sourceBody{}}
	for _, h := range s.o.Sources() {
		if name != "" && h.Source != name {
			continue
		}
		b := sourceBody{Source: h.Source, Up: h.Up, Since: changed(h), Error: h.Error, Attempts: h.Attempts, Via: h.Via, Troubles: []troubleBody{}}
		for _, t := range h.List() {
			b.Troubles = append(b.Troubles, troubleBody(t))
		}
		a.Sources = append(a.Sources, b)
	}
	if name != "" && len(a.Sources) == 0 {
		return problem{http.StatusNotFound, "unknown_source", "source: none has that name; see /api/v1/sources"}
	}
	return writeJSON(w, http.StatusOK, a)
}

// changed is when a source last came up or went down, 0 when it was never up.
func changed(h collector.Health) moment {
	if h.Since.IsZero() {
		return 0
	}
	return moment(plant.At(h.Since))
}

// mostShown is how many troubles of one source the page has; the API has all
// that are known.
const mostShown = 100

type sourcesData struct {
	frame
	Sources []sourceView
}

// A sourceView is one source on its page.
type sourceView struct {
	collector.Health
	Class, Symbol, Word string
	Changed             sinceView
	List                []collector.Trouble
	More                int // troubles that are not in List, of those that are known
}

// sourcesPage shows how the sources do, those in trouble first.
func (s *Server) sourcesPage(w http.ResponseWriter, r *http.Request) error {
	if err := readQuery(r).done(); err != nil {
		return err
	}
	b, err := s.board(r.Context(), time.Now())
	if err != nil {
		return err
	}
	d := sourcesData{frame: s.frame(r)}
	d.Parts = b.parts("")
	for _, h := range s.o.Sources() {
		d.Sources = append(d.Sources, s.sourceView(h))
	}
	slices.SortStableFunc(d.Sources, func(a, b sourceView) int { return cmp.Compare(a.rank(), b.rank()) })
	return s.page(w, http.StatusOK, "sources", d)
}

func (s *Server) sourceView(h collector.Health) sourceView {
	v := sourceView{Health: h, Symbol: "run", Word: "up", List: h.List()}
	if at := changed(h); at != 0 {
		v.Changed = since(plant.Instant(at), s.o.Now())
	}
	v.More = max(0, len(v.List)-mostShown)
	v.List = v.List[:len(v.List)-v.More]
	switch {
	case !h.Up && h.Since.IsZero():
		v.Class, v.Symbol, v.Word = "high", "stop", "not connected yet"
	case !h.Up:
		v.Class, v.Symbol, v.Word = "high", "stop", "down"
	case len(v.List) > 0:
		v.Class, v.Symbol, v.Word = "medium", "attention", "up, with trouble"
	}
	return v
}

// rank orders sources: those that are down, those with trouble, the others.
func (v sourceView) rank() int {
	switch {
	case !v.Up:
		return 0
	case len(v.List) > 0:
		return 1
	}
	return 2
}
