package web

import (
	"fmt"
	"net/http"
	"time"

	"andon/plant"
	"andon/production"
)

// maxKPIWindow bounds what one request makes the engine read: the longest
// month.
const maxKPIWindow = 31 * 24 * time.Hour

// serveKPIs answers with the KPIs of one equipment, or of one line in a
// running window.
func (s *Server) serveKPIs(w http.ResponseWriter, r *http.Request) error {
	q := readQuery(r)
	path := s.place(q)
	window := q.choice("window", "", production.WindowLastHour, production.WindowShift)
	span := q.window()
	switch {
	case path == "":
		q.fail("equipment: want the path of one equipment or line")
	case window != "" && span != (plant.Interval{}):
		q.fail("window: want either window or from and to")
	case window == "" && (span.From == 0 || span.To == 0):
		q.fail("window: want last_hour, shift, or both from and to")
	case span.Duration() > maxKPIWindow:
		q.fail("to: want at most %d days after from", maxKPIWindow/(24*time.Hour))
	case window == "" && s.o.Tree.FindEquipment(path) == nil:
		q.fail("equipment: want the path of one equipment; lines have running windows only")
	}
	if err := q.done(); err != nil {
		return err
	}
	kpi, err := s.kpi(r, path, window, span)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, kpi)
}

func (s *Server) kpi(r *http.Request, path, window string, span plant.Interval) (production.KPI, error) {
	if window == "" {
		kpi, err := s.o.Engine.KPI(r.Context(), path, span)
		if err != nil {
			return kpi, fmt.Errorf("compute KPIs of %s: %w", path, err)
		}
		return kpi, nil
	}
	for _, l := range s.o.Engine.Live() {
		if newEntry(l).path != path {
			continue
		}
		if window == production.WindowLastHour {
			return l.Hour, nil
		}
		return l.KPI, nil
	}
	return production.KPI{}, problem{http.StatusNotFound, "no_data", "nothing is known of this equipment or line yet"}
}
