package production

import "andon/plant"

// allot books an increment on the minutes, products, orders and shifts in
// which it was made, but not on minutes before first.
func (u *unit) allot(i int, inc increment, first plant.Instant) {
	if inc.n == 0 {
		return
	}
	n := u.valueOf(i, inc)
	if c := &u.carry[i]; c.owed != 0 {
		n = c.take(inc, n, u.frozen)
	}
	if w := &u.window; inc.from >= w.From && inc.to <= w.To {
		b := &u.buckets[w.bucket]
		b.n[i] += n
		if w.inferred {
			b.inferred[i] += n
		}
		u.out.minute = min(u.out.minute, b.minute)
		return
	}
	pieces := u.divide(u.after(inc), n)
	number := u.numberOf(i, inc) - n
	for _, p := range pieces {
		if p.n != 0 && p.minute >= first {
			u.book(i, u.byCavity(p, number, inc.to))
		}
		number += p.n
	}
	if p := pieces[len(pieces)-1]; p.weight > 0 && len(u.set.moulds) == 0 && u.newest(p) {
		u.window = window{Interval: p.within, bucket: len(u.buckets) - 1, inferred: p.inferred}
	}
}

// book books pieces of an increment of counter i.
func (u *unit) book(i int, pieces []piece) {
	for _, p := range pieces {
		b := u.bucketOf(p.minute, p.key)
		b.n[i] += p.n
		if p.inferred {
			b.inferred[i] += p.n
		}
		if p.weight == 0 && !p.inferred && &u.counters[i] == u.main() {
			b.idle += p.n
		}
		u.out.minute = min(u.out.minute, p.minute)
	}
}

// newest reports whether the last bucket is that of p.
func (u *unit) newest(p piece) bool {
	n := len(u.buckets)
	return n > 0 && u.buckets[n-1].minute == p.minute && u.buckets[n-1].key == p.key
}
