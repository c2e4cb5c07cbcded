package system

import (
	"fmt"
	"time"

	"andon/plant"
)

// band is how far the share must fall below its limit, in percent, until the
// queue is no longer full.
const band = 10

// queue judges how much of the stream's room is taken by what InfluxDB does
// not have. The stream keeps what InfluxDB has, too, so its size says nothing.
func (j *judge) queue(f figures, w writing) finding {
	x := finding{rule: "queue-full", area: w.area, delay: j.cfg.OnDelay,
		response: "Bring InfluxDB back, or raise bus.max_bytes and bus.max_age, before the oldest data go."}
	if !w.known || !w.lag.Known {
		return x
	}
	age := w.age(f.now)
	percent := 100 * max(w.share(), age.Seconds()/w.stream.MaxAge.Seconds())
	x.holds, x.over = percent >= float64(j.cfg.QueueFull.Percent), percent < float64(j.cfg.QueueFull.Percent-band) || percent == 0
	x.value = tenths(percent)
	x.message = fmt.Sprintf("the queue for InfluxDB is %.0f %% full, the oldest data wait for %s", percent, age.Round(time.Second))
	return x
}

// share returns how much of the stream's bytes is taken by what waits.
func (w writing) share() float64 {
	if w.stream.Messages == 0 || w.stream.MaxBytes <= 0 || w.stream.Last <= w.lag.Position {
		return 0
	}
	waits := min(w.stream.Last-w.lag.Position, w.stream.Messages)
	return float64(waits) / float64(w.stream.Messages) * float64(w.stream.Bytes) / float64(w.stream.MaxBytes)
}

// lost judges whether retention took what InfluxDB does not have.
func (j *judge) lost(f figures, w writing) finding {
	x := finding{rule: "data-lost", area: w.area,
		response: "Bring InfluxDB back at once. What is gone is in no dashboard; stops and KPIs of andon have it."}
	n := w.skipped
	if w.known && w.lag.Known && w.stream.First > w.lag.Position+1 {
		n += w.stream.First - w.lag.Position - 1
	}
	j.grows(&x, f, n)
	x.message = fmt.Sprintf("retention removed %d messages of the stream before InfluxDB took them", n)
	return x
}

// refused judges whether InfluxDB refused lines for good.
func (j *judge) refused(f figures, w writing) finding {
	x := finding{rule: "lines-refused", area: w.area,
		response: "Look at the dead letters: often a field changed its type. Declare the type of the tag, then write the lines again."}
	n := w.standing.Refused
	j.grows(&x, f, n)
	x.message = fmt.Sprintf("InfluxDB refused %d lines for good: %s", n, short(w.standing.Reason))
	return x
}

// grows judges a number that is 0 at the start and grows with each harm: the
// condition holds from then until nothing came for a while. What was before
// the start is not known, so it is over no sooner either.
func (j *judge) grows(x *finding, f figures, n uint64) {
	key := x.rule + "@" + x.area.Path
	g, ok := j.grown[key]
	if !ok {
		g.at = f.started
	}
	if n > g.seen {
		g.at, x.holds = f.now, true
	}
	g.seen = n
	j.grown[key] = g
	x.holds = x.holds || n > 0 && f.now.Sub(g.at) < j.cfg.Quiet
	x.over = !x.holds && f.now.Sub(g.at) >= j.cfg.Quiet
	x.value = plant.Int(int64(n))
}
