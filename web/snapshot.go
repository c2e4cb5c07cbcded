package web

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"andon/alerts"
	"andon/plant"
	"andon/production"
	"andon/production/forecast"
	"andon/store"
)

// readTimeout bounds the records' part of a snapshot: a board without alarms
// is better than none.
const readTimeout = 2 * time.Second

// A snapshot is what all screens show at one moment. It is immutable.
type snapshot struct {
	begun     time.Time    // everything before is in it
	equipment []liveEntry  // worst first
	lines     []liveEntry  // in the tree's order
	alarms    []alarmEntry // open ones, most urgent first
	recordErr error        // why there are no alarms
	trouble   []string     // what is wrong with andon itself
	said      int64        // how much people said of stops
}

// A liveEntry is one row of the board: equipment, or a line as a whole.
type liveEntry struct {
	path, name string
	live       production.Live
	reason     string // for people
	open       int    // alarms at it
	unacked    int
	row        item                     // rendered
	expected   forecast.Forecast[int64] // of lines: good units at the end of the shift
}

// An alarmEntry is one open alarm.
type alarmEntry struct {
	alarm alerts.Alarm
	card  item // rendered
}

// A boardCache lets many listeners share one snapshot.
type boardCache struct {
	mu   sync.Mutex
	last *snapshot
}

// board returns a snapshot that is not older than notBefore.
func (s *Server) board(ctx context.Context, notBefore time.Time) (*snapshot, error) {
	s.boards.mu.Lock()
	defer s.boards.mu.Unlock()
	if last := s.boards.last; last != nil && !last.begun.Before(notBefore) {
		return last, nil
	}
	// The snapshot is for others as well: the asker's leaving must not spoil it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTimeout)
	defer cancel()
	b, err := s.buildBoard(ctx)
	if err != nil {
		return nil, err
	}
	s.boards.last = b
	return b, nil
}

func (s *Server) buildBoard(ctx context.Context) (*snapshot, error) {
	b := &snapshot{begun: time.Now()}
	b.trouble = s.problems(s.latestChecks(ctx), s.o.Sources())
	b.trouble = append(b.trouble, s.unrecorded()...)
	reasons, err := s.readRecords(ctx, b)
	if err != nil {
		b.recordErr = err
		b.trouble = append(b.trouble, "records: "+err.Error())
	}
	for l := range s.o.Engine.Live() {
		e := newEntry(l)
		e.reason = s.reasonName(l, reasons[l.Stop])
		e.countAlarms(b.alarms)
		if l.Line != nil {
			e.expected, _ = s.o.Outlook.Latest(e.path)
			b.lines = append(b.lines, e)
		} else {
			b.equipment = append(b.equipment, e)
		}
	}
	slices.SortStableFunc(b.equipment, worse)
	return b, s.renderItems(b)
}

func newEntry(l production.Live) liveEntry {
	if l.Line != nil {
		return liveEntry{path: l.Line.Path, name: l.Line.Name, live: l}
	}
	return liveEntry{path: l.Equipment.Path, name: l.Equipment.Name, live: l}
}

// A signalled reason is the one that equipment or the line gave a stop.
type signalled struct{ id, name string }

// reasonName returns the name of what equipment stands for. A person may have
// said something else than the signal did.
func (s *Server) reasonName(l production.Live, of signalled) string {
	if of.id == l.Reason && of.name != "" {
		return of.name
	}
	return cmp.Or(s.o.Desk.Definitions().Title(l.Equipment.Path, l.Reason), l.Reason)
}

// readRecords adds the open alarms and returns the signalled reasons by stop.
func (s *Server) readRecords(ctx context.Context, b *snapshot) (map[string]signalled, error) {
	alarms, err := s.o.Store.Alarms(ctx, store.AlarmFilter{Open: true})
	if err != nil {
		return nil, err
	}
	for _, row := range alarms {
		a, err := readAlarm(row)
		if err != nil {
			return nil, err
		}
		b.alarms = append(b.alarms, alarmEntry{alarm: a})
	}
	slices.SortStableFunc(b.alarms, moreUrgent)
	for _, area := range s.o.Tree.Areas {
		n, err := s.o.Store.Said(ctx, area.Path)
		if err != nil {
			return nil, err
		}
		b.said += n
	}
	stops, err := s.o.Store.Stops(ctx, store.StopFilter{Open: true})
	if err != nil {
		return nil, err
	}
	reasons := map[string]signalled{}
	for _, row := range stops {
		stop, err := readStop(row, 0)
		if err != nil {
			return nil, err
		}
		reasons[row.ID] = signalled{stop.Reason, stop.ReasonName}
	}
	return reasons, nil
}

func readAlarm(row store.Alarm) (a alerts.Alarm, err error) {
	if err := json.Unmarshal(row.Body, &a); err != nil {
		return a, fmt.Errorf("read alarm %s: %w", row.ID, err)
	}
	return a, nil
}

func (e *liveEntry) countAlarms(open []alarmEntry) {
	for _, a := range open {
		if !below(a.alarm.Equipment, e.path) {
			continue
		}
		e.open++
		if unacknowledged(a.alarm) {
			e.unacked++
		}
	}
}

func unacknowledged(a alerts.Alarm) bool { return a.State != alerts.StateAcknowledged }

// below reports whether path is at or under top; "" is above everything.
func below(path, top string) bool {
	return top == "" || path == top || strings.HasPrefix(path, top) && path[len(top)] == '/'
}

// shown returns the state that screens show: without data nothing is known,
// but a safety stop is never hidden.
func shown(l production.Live) plant.State {
	if !l.Known && l.State != plant.StateSafety {
		return plant.StateUnknown
	}
	return l.State
}

// worse orders rows: what needs somebody first, and of the same state what
// lasts longest.
func worse(a, b liveEntry) int {
	return cmp.Or(
		cmp.Compare(lookOf(shown(a.live)).rank, lookOf(shown(b.live)).rank),
		cmp.Compare(a.live.Since, b.live.Since),
		cmp.Compare(a.path, b.path))
}

// moreUrgent orders alarms: nobody took it, then priority, then the oldest.
func moreUrgent(a, b alarmEntry) int {
	return cmp.Or(
		cmp.Compare(urgency(a.alarm), urgency(b.alarm)),
		cmp.Compare(slices.Index(plant.Priorities(), a.alarm.Priority), slices.Index(plant.Priorities(), b.alarm.Priority)),
		cmp.Compare(a.alarm.Raised.Event, b.alarm.Raised.Event),
		cmp.Compare(a.alarm.ID, b.alarm.ID))
}

func urgency(a alerts.Alarm) int {
	switch a.State {
	case alerts.StateUnacknowledged:
		return 0
	case alerts.StateReturnedUnacknowledged:
		return 1
	}
	return 2
}
