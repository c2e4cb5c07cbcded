package opcua

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"andon/collector/opcua/note"
	"andon/plant"
)

const (
	// The note is written at least this far apart, and as seldom as keeps it
	// below noteRate bytes a second: one that is older only makes a little
	// more be read.
	noteEvery  = 2 * time.Second
	noteSeldom = time.Minute
	noteRate   = 50_000
)

// A historyNote is what another process must know to read what is missing.
type historyNote struct {
	Heard  plant.Instant `json:"heard"`  // up to when everything was told
	Server origin        `json:"server"` // that told it
	Tags   []notedTag    `json:"tags"`
	Holes  []notedHole   `json:"holes,omitempty"`
}

// A notedTag is the last value of a tag.
type notedTag struct {
	Tag     string `json:"tag"`
	Address string `json:"address"`
	Last    int64  `json:"last"` // source time in nanoseconds since 1970
}

type notedHole struct {
	Cause   plant.GapCause `json:"cause"`
	Known   plant.Interval `json:"known"`
	Opened  time.Time      `json:"opened"`
	Server  time.Time      `json:"server_started,omitzero"`
	Missing []notedMissing `json:"missing"`
}

// A notedMissing is what one tag lacks; tags are numbered as in the note.
type notedMissing struct {
	Tag     int    `json:"tag"`
	Last    int64  `json:"last"`
	Next    int64  `json:"next,omitempty"`
	To      int64  `json:"to,omitempty"`
	Done    bool   `json:"done,omitempty"`
	Trouble string `json:"trouble,omitempty"`
}

// keep writes the note now and then until ctx is done.
func (h *historian) keep(ctx context.Context) error {
	for sleep(ctx, h.interval()) {
		h.save()
	}
	return nil
}

// interval returns how long the next note has time.
func (h *historian) interval() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return min(max(time.Duration(h.size)*time.Second/noteRate, noteEvery), noteSeldom)
}

// save replaces the note. After a power cut an older one only makes more be read.
func (h *historian) save() {
	if h.file == "" {
		return
	}
	h.saving.Lock()
	defer h.saving.Unlock()
	size, err := note.Write(h.file, h.note())
	h.mu.Lock()
	h.size = size
	h.mu.Unlock()
	if err != nil {
		h.source.log.Warn("times of the last values cannot be noted for the next start", "file", h.file, "err", err)
	}
}

// note returns what is to be noted. There may be very many tags, for which
// contacts must not wait.
func (h *historian) note() historyNote {
	var n historyNote
	for p := range h.source.heads() {
		n.Tags = append(n.Tags, notedTag{p.tag.Path, p.tag.Address, int64(p.sight.last.load())})
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	n.Server = h.told
	if !h.heard.IsZero() {
		n.Heard = plant.At(h.heard)
	}
	for _, x := range h.holes {
		nx := notedHole{Cause: x.cause, Known: x.known, Opened: x.opened, Server: x.server}
		for _, m := range x.missing {
			nx.Missing = append(nx.Missing, notedMissing{m.point.sight.number, int64(m.last), int64(m.next), int64(m.to), m.done, m.trouble})
		}
		n.Holes = append(n.Holes, nx)
	}
	return n
}

// load takes over what an earlier process noted, once.
func (h *historian) load() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.loaded || h.file == "" {
		return
	}
	h.loaded = true
	var n historyNote
	if err := note.Read(h.file, &n); err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			h.source.log.Warn("times of the last values cannot be read, nothing is known of before", "file", h.file, "err", err)
		}
		return
	}
	if n.Heard > plant.At(time.Now()) {
		n.Heard = plant.At(time.Now()) // the clock was put back
	}
	if n.Heard > 0 {
		h.heard = n.Heard.Time()
	}
	h.told = n.Server
	h.inheritLocked(n)
}

// inheritLocked finds the points of a note. Tags that left the configuration,
// or that are read from another node, are passed by.
func (h *historian) inheritLocked(n historyNote) {
	points := make([]*point, len(n.Tags))
	index := map[string]int{}
	for i, t := range n.Tags {
		index[t.Tag] = i
	}
	for p := range h.source.heads() {
		if i, ok := index[p.tag.Path]; ok && n.Tags[i].Address == p.tag.Address {
			points[i] = p
			p.sight.last.store(plant.Instant(n.Tags[i].Last))
		}
	}
	for _, nx := range n.Holes[max(0, len(n.Holes)-2*maxHoles):] {
		x := &hole{cause: nx.Cause, known: nx.Known, opened: nx.Opened, server: nx.Server, of: map[*point]*missing{}}
		for _, nm := range nx.Missing {
			if nm.Tag < 0 || nm.Tag >= len(points) || points[nm.Tag] == nil {
				continue
			}
			m := x.add(points[nm.Tag], plant.Instant(nm.Last))
			m.next, m.to, m.done, m.trouble = plant.Instant(nm.Next), plant.Instant(nm.To), nm.Done, nm.Trouble
			m.looked = nm.Done && nm.Trouble == ""
		}
		h.holes = append(h.holes, x)
	}
	if len(h.holes) > 0 {
		select {
		case h.wake <- struct{}{}:
		default:
		}
	}
}
