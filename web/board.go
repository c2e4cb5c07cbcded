package web

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

type boardData struct {
	frame
	Style  string // address of the sizes for this screen
	Narrow bool   // a row holds only what must be read at a glance
	Rows   []rowView
}

// boardPage shows the andon board.
func (s *Server) boardPage(w http.ResponseWriter, r *http.Request) error {
	q := readQuery(r)
	path := s.place(q)
	screen := s.screen(q)
	if err := q.done(); err != nil {
		return err
	}
	b, err := s.board(r.Context(), time.Now())
	if err != nil {
		return err
	}
	d := boardData{frame: s.frame(r), Style: screen.address(), Narrow: screen.fontVH(glance) > narrowVH}
	d.Events, d.Parts = eventsAddress(topicBoard, path), b.parts(path)
	for _, e := range b.equipment {
		if below(e.path, path) {
			d.Rows = append(d.Rows, s.rowView(e, s.o.Now()))
		}
	}
	return s.page(w, http.StatusOK, "board", d)
}

// narrowVH is the size of letters from which a whole row no longer fits the
// width of a 16:9 screen.
const narrowVH = 7.2

func eventsAddress(topic, path string) string {
	address := "/api/v1/events?topics=" + topic
	if path != "" {
		address += "&equipment=" + url.QueryEscape(path)
	}
	return address
}

// screen reads the size of the screen and from how far it is read.
func (s *Server) screen(q *query) ScreenConfig {
	c := s.o.Config.Screen
	c.Inch = q.number("inch", minInch, maxInch, c.Inch)
	c.Metres = q.decimal("m", minMetres, maxMetres, c.Metres)
	return c
}

func (c ScreenConfig) address() string {
	return fmt.Sprintf("/screen.css?inch=%d&m=%s", c.Inch, strconv.FormatFloat(c.Metres, 'f', -1, 64))
}

// The sizes of letters by the angle at which they are seen (ISO 9241-3): 22
// minutes of arc for what must be read at a glance, 16 for the rest. Capitals
// are .7 of a font's size.
const (
	glance  = 22.0 / 60 * math.Pi / 180
	reading = 16.0 / 60 * math.Pi / 180
	capital = .7
)

// fontVH returns the font size, in hundredths of the screen's height, of
// letters that are seen under angle.
func (c ScreenConfig) fontVH(angle float64) float64 {
	letter := 2 * c.Metres * 1000 * math.Tan(angle/2) // mm
	height := float64(c.Inch) * 25.4 * 9 / math.Hypot(16, 9)
	return 100 * letter / capital / height
}

// screenStyle sets the sizes of the board's letters, which no fixed style
// sheet can know.
func (s *Server) screenStyle(w http.ResponseWriter, r *http.Request) error {
	q := readQuery(r)
	c := s.screen(q)
	if err := q.done(); err != nil {
		return err
	}
	u, v := c.fontVH(glance), c.fontVH(reading)
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	// On screens narrower than 16:9 the width decides.
	fmt.Fprintf(w, ":root { --u: %.2fvh; --v: %.2fvh; }\n@supports (width: min(1px, 1vw)) { :root { --u: min(%.2fvh, %.2fvw); --v: min(%.2fvh, %.2fvw); } }\n",
		u, v, u, u*9/16, v, v*9/16)
	return nil
}
