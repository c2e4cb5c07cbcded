package opcua

import (
	"errors"
	"io/fs"
	"slices"
	"time"

	"andon/collector/opcua/address"
	"andon/collector/opcua/note"
)

// A handover is what another process must know to take over the subscriptions
// of a source: the server keeps them, and queues in them what changes, while
// andon is killed or restarted.
type handover struct {
	Endpoint      string               `json:"endpoint"`
	Started       time.Time            `json:"server_started"` // ids count since then
	Refused       bool                 `json:"refused"`        // the server transfers no subscriptions
	Subscriptions []handedSubscription `json:"subscriptions"`

	handedSubscription // the one of a note from before there were several
}

// A handedSubscription is one that the server keeps.
type handedSubscription struct {
	ID        uint32        `json:"subscription"` // 0 for none
	KeepAlive time.Duration `json:"keep_alive"`   // as the server revised it
	Asked     asked         `json:"asked"`
	Terms     []terms       `json:"terms"` // of items, which say which
	Items     []handedItem  `json:"items"`
	EventItem uint32        `json:"event_item,omitzero"` // the server's id of the item for events
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
	Terms   int    `json:"terms"` // index into those of the subscription
}

// asked is what a subscription was asked for. Another configuration needs a
// new one.
type asked struct {
	Publishing time.Duration `json:"publishing_interval"`
	KeepAlive  time.Duration `json:"keep_alive"`
	KeepFor    time.Duration `json:"keep_for"`
	Events     string        `json:"events,omitempty"` // what of events, "" of tags

	terms // of all items, in a note from before each had its own
}

func (r *subscriber) asks() asked {
	c := r.source.config
	return asked{Publishing: r.interval, KeepAlive: c.KeepAlive, KeepFor: c.KeepFor, Events: r.feed.asks()}
}

// leavesAny reports whether a later session may take something over.
func (s *Source) leavesAny() bool {
	for _, r := range s.subscribers {
		if r.leaves() != nil {
			return true
		}
	}
	return false
}

// saveHandover writes what another process needs to take the subscriptions
// over, except new ones whose items are still being created. Without it nothing
// breaks: what changes while andon is away is then missing.
func (s *Source) saveHandover() {
	if s.config.KeepFor == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	h := handover{Endpoint: s.config.Endpoint}
	for _, r := range s.subscribers {
		if sub := r.left; sub != nil && !sub.started.IsZero() && (sub.resumed || sub.ready.Load()) {
			h.Started = sub.started
			n := handedSubscription{ID: sub.id, KeepAlive: sub.keepAlive, Asked: r.asks(), EventItem: sub.eventItem.Load()}
			n.Items, n.Terms = sub.items.handed()
			h.Subscriptions = append(h.Subscriptions, n)
		}
	}
	s.writeHandover(h)
}

// dropHandover forgets the subscriptions, which closing the session deletes.
// What is left of the note is whether the server transfers any.
func (s *Source) dropHandover() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.subscribers {
		r.left = nil
	}
	s.writeHandover(handover{Endpoint: s.config.Endpoint, Refused: s.rigid})
}

// writeHandover replaces the note. Should a power cut take it, the server's queues
// are lost.
func (s *Source) writeHandover(h handover) {
	if s.handover == "" {
		return
	}
	if _, err := note.Write(s.handover, h); err != nil {
		s.log.Warn("subscriptions cannot be noted for the next start", "file", s.handover, "err", err)
	}
}

// inherit takes over what an earlier process left at this server, as far as it
// fits the configuration.
func (s *Source) inherit() {
	h, err := s.readHandover()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.log.Warn("note of the last subscriptions cannot be read, starting new ones", "file", s.handover, "err", err)
	}
	if err != nil || h.Endpoint != s.config.Endpoint {
		return
	}
	s.rigid = h.Refused
	for _, r := range s.subscribers {
		for _, n := range h.Subscriptions {
			if n.ID != 0 && n.Asked == r.asks() {
				old := &subscription{
					id: n.ID, most: maxNotifications, started: h.Started, items: r.inherit(n),
					keepAlive: max(r.keepAlive(), min(n.KeepAlive, longestKeepAlive)),
				}
				if r.feed != nil {
					old.eventItem.Store(n.EventItem)
				} else if n.EventItem != 0 { // events found no place of their own then
					old.items.gone = append(old.items.gone, n.EventItem)
				}
				r.leave(old)
			}
		}
	}
}

// readHandover reads the note, also one of a version that had one subscription.
func (s *Source) readHandover() (handover, error) {
	var h handover
	err := note.Read(s.handover, &h)
	if one := h.handedSubscription; err == nil && one.ID != 0 && h.Subscriptions == nil {
		one.Terms = []terms{one.Asked.terms}
		one.Terms[0].Discard = DiscardOldest
		one.Asked.terms = terms{}
		h.Subscriptions = []handedSubscription{one}
	}
	return h, err
}

// handed returns the items that the server monitors, and their terms.
func (t *items) handed() ([]handedItem, []terms) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var list []handedItem
	var all []terms
	index := map[terms]int{}
	for _, x := range t.list {
		if x == nil || x.id == 0 {
			continue
		}
		p := t.points[x.handle]
		n, known := index[p.terms]
		if !known {
			n = len(all)
			index[p.terms], all = n, append(all, p.terms)
		}
		list = append(list, handedItem{Handle: x.handle, ID: x.id, Tag: p.tag.Path, Address: p.tag.Address, Filter: x.filter, Terms: n})
	}
	return list, all
}

// inherit gives the points that an earlier process monitored, on the same
// terms, the handles they had, and the others new ones.
func (r *subscriber) inherit(note handedSubscription) *items {
	t := newItems(r.source, nil)
	free := heirs{}
	for _, p := range r.points {
		node := p.address.NodeName()
		free[node] = append(free[node], p)
	}
	for _, h := range note.Items {
		p := free.take(h, func(p *point) bool { return h.fits(p, note.Terms, len(t.ladder(p.terms.Deadband))) })
		for h.Handle <= maxHandle && len(t.list) <= int(h.Handle) {
			t.points, t.list = append(t.points, nil), append(t.list, nil)
		}
		if p == nil {
			t.gone = append(t.gone, h.ID)
			continue // its handle stays empty: the server may still have values with it
		}
		t.points[h.Handle] = p
		t.list[h.Handle] = &item{handle: h.Handle, id: h.ID, filter: h.Filter, filters: t.ladder(p.terms.Deadband), since: time.Now(), met: true}
	}
	var rest []*point
	for _, p := range r.points {
		if slices.Contains(free[p.address.NodeName()], p) {
			rest = append(rest, p)
		}
	}
	t.append(rest)
	t.fresh = rest
	return t
}

// heirs are points that have no item yet, by their node.
type heirs map[string][]*point

// take returns the point that takes the item h over, and no other one: that of
// its tag, else one of its node, whose tags may have changed; nil when none
// fits.
func (f heirs) take(h handedItem, fits func(*point) bool) *point {
	a, err := address.Parse(h.Address)
	if err != nil {
		return nil
	}
	list := f[a.NodeName()]
	at := slices.IndexFunc(list, func(p *point) bool { return fits(p) && p.hasTag(h.Tag) })
	if at < 0 {
		at = slices.IndexFunc(list, fits)
	}
	if at < 0 {
		return nil
	}
	p := list[at]
	f[a.NodeName()] = slices.Delete(list, at, at+1)
	return p
}

// fits reports whether h is what the server would be asked for p; all are the
// terms of its subscription, and filters as many as p has.
func (h handedItem) fits(p *point, all []terms, filters int) bool {
	return h.Handle <= maxHandle && h.Filter >= 0 && h.Filter < filters && h.Terms >= 0 && h.Terms < len(all) && all[h.Terms] == p.terms
}
