package opcua

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// A handover is what another process must know to take over a subscription:
// the server keeps it, and queues in it what changes, while andon is killed or
// restarted.
type handover struct {
	Endpoint  string        `json:"endpoint"`
	Started   time.Time     `json:"server_started"` // ids count since then
	ID        uint32        `json:"subscription"`   // 0 for none
	KeepAlive time.Duration `json:"keep_alive"`
	Asked     asked         `json:"asked"`
	Items     []handedItem  `json:"items"`
	Refused   bool          `json:"refused"` // the server transfers no subscriptions
}

// maxHandle bounds what a note may ask for: removed tags leave holes.
const maxHandle = 1 << 22

// A handedItem is one item that the server monitors. Its tag may have left
// the configuration since.
type handedItem struct {
	Handle  uint32 `json:"handle"`
	ID      uint32 `json:"id"`
	Tag     string `json:"tag"`
	Address string `json:"address"`
	Filter  int    `json:"filter"`
}

// asked is what a subscription and its items were asked for. Another
// configuration needs a new one.
type asked struct {
	Publishing time.Duration `json:"publishing_interval"`
	Sampling   time.Duration `json:"sampling_interval"`
	Queue      uint32        `json:"queue_size"`
	Deadband   Deadband      `json:"deadband"`
	KeepAlive  time.Duration `json:"keep_alive"`
	KeepFor    time.Duration `json:"keep_for"`
}

func (c Config) asks() asked {
	return asked{c.PublishingInterval, c.SamplingInterval, c.QueueSize, c.Deadband, c.KeepAlive, c.KeepFor}
}

// saveHandover writes what another process needs to take sub over. Without it
// nothing breaks: what changes while andon is away is then missing.
func (s *Source) saveHandover(sub *subscription) {
	if s.config.KeepFor == 0 || sub.started.IsZero() {
		return
	}
	s.writeHandover(handover{
		Endpoint: s.config.Endpoint, Started: sub.started, ID: sub.id,
		KeepAlive: sub.keepAlive, Asked: s.config.asks(), Items: sub.items.handed(),
	})
}

// dropHandover forgets the subscription, which closing the session deletes.
// What is left of the note is whether the server transfers any.
func (s *Source) dropHandover() {
	s.left = nil
	s.writeHandover(handover{Endpoint: s.config.Endpoint, Refused: s.rigid})
}

// writeHandover replaces the note as a whole. It is not synced: what a power
// cut takes with it is one note, and the server's queues are lost.
func (s *Source) writeHandover(h handover) {
	if s.handover == "" {
		return
	}
	text, err := json.Marshal(h)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(s.handover), 0o750)
	}
	if err == nil {
		err = os.WriteFile(s.handover+".new", text, 0o600)
	}
	if err == nil {
		err = os.Rename(s.handover+".new", s.handover)
	}
	if err != nil {
		s.log.Warn("subscription cannot be noted for the next start", "file", s.handover, "err", err)
	}
}

// inherited returns the subscription that an earlier process left at this
// server, nil when there is none that fits.
func (s *Source) inherited() *subscription {
	if s.handover == "" {
		return nil
	}
	text, err := os.ReadFile(s.handover)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var h handover
	if err == nil {
		err = json.Unmarshal(text, &h)
	}
	if err != nil {
		s.log.Warn("note of the last subscription cannot be read, starting a new one", "file", s.handover, "err", err)
		return nil
	}
	if h.Endpoint != s.config.Endpoint {
		return nil
	}
	s.rigid = h.Refused
	if h.ID == 0 || h.Asked != s.config.asks() {
		return nil
	}
	return &subscription{
		id: h.ID, started: h.Started, items: s.inheritItems(h.Items),
		keepAlive: max(s.config.KeepAlive, min(h.KeepAlive, longestKeepAlive)),
	}
}

// handed returns the items that the server monitors.
func (t *items) handed() []handedItem {
	t.mu.Lock()
	defer t.mu.Unlock()
	var list []handedItem
	for _, x := range t.list {
		if x != nil && x.id != 0 {
			tag := t.points[x.handle].tag
			list = append(list, handedItem{Handle: x.handle, ID: x.id, Tag: tag.Path, Address: tag.Address, Filter: x.filter})
		}
	}
	return list
}

// inheritItems gives the points that an earlier process monitored the handles
// they had, and the others new ones.
func (s *Source) inheritItems(list []handedItem) *items {
	t := newItems(s, nil)
	free := map[string]*point{}
	for _, p := range s.subscribed {
		free[p.tag.Path] = p
	}
	ladder := filters(s.config.Deadband)
	for _, h := range list {
		p := free[h.Tag]
		if p == nil || p.tag.Address != h.Address || h.Handle > maxHandle || h.Filter < 0 || h.Filter >= len(ladder) {
			t.gone = append(t.gone, h.ID)
			continue
		}
		delete(free, h.Tag)
		for len(t.list) <= int(h.Handle) {
			t.points, t.list = append(t.points, nil), append(t.list, nil)
		}
		t.points[h.Handle] = p
		t.list[h.Handle] = &item{handle: h.Handle, id: h.ID, filter: h.Filter, filters: ladder, since: time.Now()}
	}
	var rest []*point
	for _, p := range s.subscribed {
		if free[p.tag.Path] != nil {
			rest = append(rest, p)
		}
	}
	t.append(rest)
	return t
}
