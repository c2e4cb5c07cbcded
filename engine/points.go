package engine

import (
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"andon/alerts"
	"andon/influx"
	"andon/plant"
	"andon/production"
)

// A pointWriter makes the derived points of one area: what dashboards show.
// docs/influxdb.md lists the measurements. The same facts make the same
// points, and a point is identified by its tags and time, so points that come
// again replace themselves.
//
// A minute's point is written when the minute is over and again when facts in
// it change; so are the KPIs of hours and shifts. What changes long after its
// time is gathered for a quiet time, see lateTime.
type pointWriter struct {
	next   plant.Instant // first minute not yet written for everybody
	late   lateTime
	quiet  time.Duration
	states map[*plant.Equipment][]plant.Instant
	buf    []byte
	// calendars are those of the area, whose machines share them.
	calendars production.Resolved
	settle    time.Duration // after it, points of KPIs come with their revisions
}

// maxStates bounds how many state points of one equipment are remembered, to
// be taken back when late data says otherwise.
const maxStates = 1000

// catchUp bounds for how many minutes points are written after a pause: a clock
// may come from another decade.
const catchUp = 7 * 24 * time.Hour

// resume goes on after a restart: all minutes before the core's stream time
// are written, and so are the states it knows.
func (p *pointWriter) resume(core *core) {
	p.next = core.now.Truncate(minute)
	p.states = map[*plant.Equipment][]plant.Instant{}
	for _, line := range core.area.Lines {
		for _, eq := range line.Equipment {
			for _, s := range core.prod.Facts(eq, plant.Interval{From: 1, To: core.now + 1}).Segments {
				p.states[eq] = append(p.states[eq], s.From)
			}
		}
	}
}

// remember notes that there is a state point of eq at some time.
func (p *pointWriter) remember(eq *plant.Equipment, at plant.Instant) {
	if p.states == nil {
		p.states = map[*plant.Equipment][]plant.Instant{}
	}
	starts := p.states[eq]
	if i, found := slices.BinarySearch(starts, at); !found {
		starts = slices.Insert(starts, i, at)
	}
	p.states[eq] = starts[max(0, len(starts)-maxStates):]
}

// lines returns the points that follow from c, in line protocol: with all also
// those that would wait for the end of the quiet time.
func (p *pointWriter) lines(core *core, c changes, all bool) []byte {
	plan := p.begin(core, c, all)
	for _, of := range plan.subjects {
		p.subject(plan, of)
	}
	p.alarms(core, c.alerts.Transitions)
	return p.take()
}

// A pointPlan is which points follow from changes. What they say is looked up
// when they are written, subject by subject: whatever changes until then has
// its points written once more.
type pointPlan struct {
	o        origin
	next     plant.Instant // first minute to be written for everybody
	end      plant.Instant // of the last
	since    map[*plant.Equipment]plant.Instant
	rewrites map[*plant.Equipment][]production.Rewrite
	stops    map[*plant.Equipment][]production.Stop
	subjects []subject
}

// work returns 1 if something is to be written of a subject, 0 if not.
func (p *pointPlan) work(of subject) int {
	if p.next < p.end || of.good == nil && len(p.rewrites[of.eq]) > 0 {
		return 1
	}
	return 0
}

// begin plans the points of c. All its subjects are to be written before the
// next begins.
func (p *pointWriter) begin(core *core, c changes, all bool) *pointPlan {
	if p.states == nil {
		p.states = map[*plant.Equipment][]plant.Instant{}
	}
	end := core.now.Truncate(minute)
	if p.next == 0 || p.next > end { // or the clock was put back
		p.next = end
	}
	o := core.origin()
	plan := &pointPlan{o: o, next: max(p.next, end.Add(-catchUp)), end: end, since: map[*plant.Equipment]plant.Instant{},
		rewrites: map[*plant.Equipment][]production.Rewrite{}, stops: map[*plant.Equipment][]production.Stop{}, subjects: o.subjects()}
	p.next = end
	changed := core.rewrites(c)
	n := len(c.Rewrites) // behind them is what people said, which does not wait
	for _, r := range append(p.late.sort(core, changed[:n:n], lateArgs{quiet: p.quiet, all: all}), changed[n:]...) {
		t, ok := plan.since[r.Equipment]
		if !ok || r.Since < t {
			plan.since[r.Equipment] = r.Since
		}
		plan.rewrites[r.Equipment] = append(plan.rewrites[r.Equipment], r)
	}
	for _, s := range core.stopPoints(c) {
		plan.stops[s.Equipment] = append(plan.stops[s.Equipment], s)
	}
	return plan
}

// take returns what was written.
func (p *pointWriter) take() []byte {
	lines := p.buf
	p.buf = nil
	return lines
}

// subject writes states, minutes, KPIs and stops of one subject.
func (p *pointWriter) subject(plan *pointPlan, of subject) {
	if of.good == nil {
		for _, r := range plan.rewrites[of.eq] {
			p.rewriteStates(plan.o, r)
		}
		for _, s := range plan.stops[of.eq] {
			p.stop(s)
		}
	}
	start := plan.next
	for _, eq := range of.sources() {
		if t, ok := plan.since[eq]; ok {
			start = min(start, t)
		}
	}
	if start < plan.end {
		p.buckets(plan.o, of, plant.Interval{From: start.Truncate(minute), To: plan.end})
		p.windows(plan.o, of, plant.Interval{From: start, To: plan.end})
	}
}

// alarms writes what became of alarms.
func (p *pointWriter) alarms(core *core, transitions []alerts.Transition) {
	for _, t := range transitions {
		p.alarm(core, t)
	}
}

// rewriteStates writes a point at the start of each new state, and takes back
// points of starts that late data moved: they get the state that holds there.
func (p *pointWriter) rewriteStates(o origin, r production.Rewrite) {
	if r.From == 0 {
		return
	}
	starts := p.states[r.Equipment]
	first, _ := slices.BinarySearch(starts, r.From)
	for _, at := range starts[first:] {
		if slices.ContainsFunc(r.Segments, func(s production.Segment) bool { return s.From == at }) {
			continue
		}
		if f := o.facts(r.Equipment, plant.Interval{From: at, To: at + 1}); len(f.Segments) > 0 {
			p.state(r.Equipment, f.Segments[0], at)
		}
	}
	// A point taken back is still there, so it is remembered like the others.
	for _, s := range r.Segments {
		p.state(r.Equipment, s, s.From)
		p.remember(r.Equipment, s.From)
	}
}

// state writes the state that began with s, or that held at a full minute in
// it.
func (p *pointWriter) state(eq *plant.Equipment, s production.Segment, at plant.Instant) {
	fields := []influx.Field{
		{Key: "state", Value: plant.Text(s.State.String())},
		{Key: "state_code", Value: plant.Int(s.State.Code())},
		{Key: "state_since", Value: plant.Int(int64(s.From) / 1e6)},
		{Key: "reason", Value: plant.Text(s.Reason)},
		{Key: "product", Value: plant.Text(s.Product)},
		{Key: "order", Value: plant.Text(s.Order)},
	}
	p.point("production", subject{eq: eq}.tags(), fields, at)
	if eq.Line.Constraint == eq {
		p.point("production", subject{eq: eq, good: eq}.tags(), fields, at)
	}
}

func (p *pointWriter) stop(s production.Stop) {
	line := s.Equipment.Line
	tags := []influx.Label{{Key: "area", Value: line.Area.Name}, {Key: "equipment", Value: s.Equipment.Name},
		{Key: "line", Value: line.Name}, {Key: "site", Value: line.Area.Site}}
	fields := []influx.Field{
		{Key: "id", Value: plant.Text(s.ID)}, {Key: "state", Value: plant.Text(s.State.String())},
		{Key: "reason", Value: plant.Text(s.Reason)}, {Key: "reason_name", Value: plant.Text(s.ReasonName)},
		{Key: "category", Value: plant.Text(string(s.Category))}, {Key: "culprit", Value: plant.Text(s.Culprit)},
		{Key: "micro", Value: plant.Bool(s.Micro)}, {Key: "planned", Value: plant.Bool(s.Planned)},
		{Key: "failure", Value: plant.Bool(s.Failure)},
		{Key: "open", Value: plant.Bool(s.To == 0)}, {Key: "void", Value: plant.Bool(s.Void)},
	}
	if s.To != 0 {
		fields = append(fields, influx.Field{Key: "duration_s", Value: plant.Float(production.Seconds(s.Duration(s.To)).Float())},
			influx.Field{Key: "end_ms", Value: plant.Int(int64(s.To) / 1e6)})
	}
	p.point("stop", tags, fields, s.From)
}

func (p *pointWriter) alarm(core *core, t alerts.Transition) {
	tags := []influx.Label{{Key: "area", Value: core.area.Name}, {Key: "class", Value: string(t.Class)}}
	for _, line := range core.area.Lines {
		for _, eq := range line.Equipment {
			if eq.Path == t.Equipment {
				tags = append(tags, influx.Label{Key: "equipment", Value: eq.Name}, influx.Label{Key: "line", Value: line.Name})
			}
		}
	}
	// The rule keeps two alarms of one moment apart; there are as many as the
	// configuration has.
	rule, condition, ofServer := t.Rule, "", false
	if t.Class != plant.ClassSystem {
		rule, condition, ofServer = strings.Cut(t.Rule, ":")
	}
	tags = append(tags, influx.Label{Key: "priority", Value: string(t.Priority)}, influx.Label{Key: "rule", Value: rule},
		influx.Label{Key: "site", Value: core.area.Site})
	fields := []influx.Field{
		{Key: "id", Value: plant.Text(t.Alarm)},
		{Key: "event", Value: plant.Text(string(t.Event))}, {Key: "state", Value: plant.Text(string(t.To))},
		{Key: "title", Value: plant.Text(t.Message)}, {Key: "user", Value: plant.Text(t.User)},
	}
	// Two transitions of one alarm may carry the same time; their order in
	// the alarm keeps their points apart.
	at := t.Time.Event + plant.Instant(t.Seq)
	if ofServer { // nobody knows how many a server has, so that none is a tag
		fields = append(fields, influx.Field{Key: "condition", Value: plant.Text(condition)})
		at += ofAlarm(t.Alarm)
	}
	p.point("alarm", tags, fields, at)
}

// ofAlarm returns less than a millisecond by which the points of alarms differ
// that share rule and time.
func ofAlarm(alarm string) plant.Instant {
	h := fnv.New32a()
	h.Write([]byte(alarm)) // never fails
	return plant.Instant(h.Sum32() % 1e6)
}

// point appends one point. Empty texts are written too: a reason that is no
// more must not stay.
func (p *pointWriter) point(measurement string, tags []influx.Label, fields []influx.Field, at plant.Instant) {
	p.buf = influx.AppendPoint(p.buf, influx.Point{Measurement: measurement, Tags: tags, Fields: fields, Time: at})
}
