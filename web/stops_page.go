package web

import (
	"compress/gzip"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"andon/engine"
	"andon/plant"
	"andon/production/review"
)

// The stops page shows what stopped a line in a shift or any other time, why,
// and what it cost; people say there what the stops were.

// maxStopRows bounds the list of one page. Timeline and Pareto have all stops.
const maxStopRows = 500

// maxQuickRows bounds the stops that have reasons to tap in the list itself.
const maxQuickRows = 40

// maxHistory bounds what the page tells of who said what.
const maxHistory = 50

type stopsData struct {
	frame
	Rev       string // of what the page shows
	Error     string
	View      stopsView // what was asked for
	Lines     []choiceView
	Places    []choiceView // the line and its equipment
	Sorts     []choiceView
	Lanes     []laneView
	Ticks     []tickView
	NowAt     string // of the timeline, "" when it is elsewhere
	Pareto    paretoView
	Rows      []stopRow
	More      int // stops that are not in the list
	Needs     int
	Reasons   []reasonGroup // of the line, for many stops at once
	History   []editRow
	MoreEdits bool
	Revision  int64 // of the area: the forms take it back
	Typed     typed

	all []engine.SheetStop // of the view, those that are not in the list, too
}

// stopsPage shows the stops of a line or of one equipment.
func (s *Server) stopsPage(w http.ResponseWriter, r *http.Request) error {
	return s.showStops(w, r, http.StatusOK, "")
}

// showStops renders the page that the address of r asks for, with what went
// wrong before.
func (s *Server) showStops(w http.ResponseWriter, r *http.Request, status int, wrong string) error {
	q := readQuery(r)
	v := s.readView(q)
	if err := q.done(); err != nil {
		return err
	}
	b, err := s.board(r.Context(), time.Now())
	if err != nil {
		return err
	}
	d := stopsData{frame: s.frame(r), Error: wrong, View: v, Rev: b.stopsRev(v.Line.Path)}
	if r.PostForm != nil {
		d.Typed = typedIn(r.PostForm)
	}
	// Before all else is read: what is said in between was not seen.
	if d.Revision, err = s.o.Store.Said(r.Context(), v.Line.Area.Path); err != nil {
		return err
	}
	d.Events, d.Parts = eventsAddress(topicStops, v.Line.Path), b.parts(v.Line.Path)
	if err := s.fillStops(r.Context(), &d); err != nil {
		return err
	}
	return s.packedPage(w, r, status, d)
}

// packedPage sends the page packed to those who take it so: of many stops it
// is long, and its lines are alike.
func (s *Server) packedPage(w http.ResponseWriter, r *http.Request, status int, d stopsData) error {
	if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		return s.page(w, status, "stops", d)
	}
	html, err := s.render("stops", d)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Encoding", "gzip")
	h.Set("Vary", "Accept-Encoding")
	w.WriteHeader(status)
	z := gzip.NewWriter(w)
	// A reader who went away is not a failure of the page.
	_, _ = z.Write([]byte(html + "\n"))
	_ = z.Close()
	return nil
}

// fillStops reads the records of the view and makes of them what is shown.
func (s *Server) fillStops(ctx context.Context, d *stopsData) error {
	now := plant.At(s.o.Now())
	sheets, err := s.sheets(ctx, d.View, now)
	if err != nil {
		return err
	}
	d.choices(s)
	d.Ticks, d.NowAt = s.ticks(d.View.Window), position(now, d.View.Window)
	var all []engine.SheetStop
	var edits []engine.EditView
	for _, sheet := range sheets {
		if below(sheet.Equipment.Path, d.View.Path) {
			all, edits = append(all, sheet.Stops...), append(edits, sheet.Edits...)
		}
	}
	d.Pareto = pareto(all, d.View)
	d.Needs = d.Pareto.needs
	order(all, d.View)
	shown := listed(all, d.View.Stop)
	d.all, d.More = all, len(all)-len(shown)
	for _, sheet := range sheets {
		d.Lanes = append(d.Lanes, s.lane(sheet, d.View, shown))
	}
	if d.CanWrite {
		d.Reasons = s.reasonsOf(s.equipmentOf(d.View), d.View.Window.From)
	}
	if err := s.rows(ctx, d, shown, edits); err != nil {
		return err
	}
	d.history(s, edits)
	return nil
}

// listed returns the stops that are in the list: the first, and the one that
// is open.
func listed(all []engine.SheetStop, open string) []engine.SheetStop {
	shown := slices.Clip(all[:min(maxStopRows, len(all))])
	for _, x := range all[len(shown):] {
		if x.ID == open {
			return append(shown[:len(shown)-1:len(shown)-1], x)
		}
	}
	return shown
}

// sheets reads all equipment of the line: the timeline always shows all.
func (s *Server) sheets(ctx context.Context, v stopsView, now plant.Instant) ([]engine.Sheet, error) {
	var all []engine.Sheet
	for _, eq := range v.Line.Equipment {
		sheet, err := s.o.Desk.Sheet(ctx, eq, v.Window, now)
		if err != nil {
			return nil, err
		}
		all = append(all, sheet)
	}
	s.nameReasons(v, all)
	return all, nil
}

func (s *Server) equipmentOf(v stopsView) []*plant.Equipment {
	var all []*plant.Equipment
	for _, eq := range v.Line.Equipment {
		if below(eq.Path, v.Path) {
			all = append(all, eq)
		}
	}
	return all
}

// An editRow is one thing that somebody said.
type editRow struct {
	ID, When, Text, Note string
	Next                 string // address to come back to
	Revision             int64
	CanUndo              bool
}

// history lists who said what of the window, the latest first.
func (d *stopsData) history(s *Server, edits []engine.EditView) {
	d.History = s.editRows(s.o.Desk.ByCommand(edits), d.View.URL(), d.Revision)
	if len(d.History) > maxHistory {
		d.History, d.MoreEdits = d.History[:maxHistory], true
	}
}

func (s *Server) editRows(edits []engine.EditView, next string, revision int64) []editRow {
	var rows []editRow
	for _, e := range latestFirst(edits) {
		row := editRow{ID: e.ID, When: s.moment(e.Time), Text: e.Text, Next: next, Revision: revision}
		if e.Kind == review.KindComment {
			row.Text += ": " + e.Comment
		}
		switch {
		case e.Status.Undone != "":
			row.Note = "taken back"
		case e.Status.Stale != "":
			row.Note = "no effect: " + e.Status.Stale
		case e.Status.Correction:
			row.Note = "after the sign-off"
		}
		row.CanUndo = s.gate.open && e.Status.Undone == "" && e.Source == review.SourceOperator
		rows = append(rows, row)
	}
	return rows
}
