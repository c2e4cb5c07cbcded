package opcua

import (
	"errors"
	"slices"
	"time"

	"github.com/gopcua/opcua/ua"
)

// seat has the tags of r, or the events, for which the server admits no subscription, read by
// the one with the next shorter interval, and reports whether there is one. It
// must not run yet.
func (r *subscriber) seat(p *publishing, err error) bool {
	s := r.source
	if !errors.Is(err, ua.StatusBadTooManySubscriptions) {
		return false
	}
	for _, host := range slices.Backward(s.subscribers[:r.place]) {
		sub := host.leaves()
		if sub == nil {
			continue
		}
		r.host, host.guests = host, append(host.guests, r)
		if r.feed != nil {
			sub.feed = r.feed
			s.log.Warn("the server admits no more subscriptions, reading events with tags", "err", err)
			return true
		}
		for _, point := range r.points {
			if point.terms.Sampling == 0 {
				point.terms.Sampling = r.interval
			}
		}
		sub.items.append(r.points)
		p.out.excuse(r.place)
		s.log.Warn("the server admits no more subscriptions, reading tags with those of a shorter interval",
			"publishing_interval", r.interval, "instead", host.interval, "tags", len(r.points), "err", err)
		return true
	}
	return false
}

// unseat lets those try again for a subscription of their own whose host has a
// new one; one that was taken over has their items still.
func (s *Source) unseat(p *publishing) {
	for _, r := range s.subscribers {
		switch {
		case r.host == nil:
		case r.host.leaves() != nil:
			p.out.excuse(r.place)
		default:
			r.host.guests = slices.DeleteFunc(r.host.guests, func(g *subscriber) bool { return g == r })
			r.host = nil
		}
	}
}

// all returns the points of r and of its guests.
func (r *subscriber) all() []*point {
	list := slices.Clone(r.points)
	for _, g := range r.guests {
		list = append(list, g.points...)
	}
	return list
}

// events returns the feed of r or of its guests, nil for none.
func (r *subscriber) events() *eventFeed {
	for _, g := range r.guests {
		if g.feed != nil {
			return g.feed
		}
	}
	return r.feed
}

// excuse has contacts not wait for the subscription at place: there is none,
// and another one tells of its tags.
func (o *output) excuse(place int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if place >= len(o.told) {
		return
	}
	o.told[place] = time.Unix(1<<40, 0) // later than anything is told
}
