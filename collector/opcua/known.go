package opcua

import "time"

// expect notes that the server is being asked for n more subscriptions, or for
// fewer: responses for one may come before its id does.
func (p *publishing) expect(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.expected += n; p.expected == 0 {
		p.early = nil
	}
}

// add makes sub known, so that it gets the responses that are for it.
func (p *publishing) add(sub *subscription) {
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.added++
	p.subs[sub.id] = sub
	sub.watch.join(p.waiting, now)
	for _, resp := range p.early {
		if resp.SubscriptionID == sub.id {
			sub.early = append(sub.early, sub.arrived(resp, now))
		}
	}
	p.wakeLocked()
}

// remove forgets sub, which nothing is taken for any more.
func (p *publishing) remove(sub *subscription) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.subs[sub.id] == sub {
		delete(p.subs, sub.id)
	}
}

// count returns how many subscriptions are known.
func (p *publishing) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.subs)
}
