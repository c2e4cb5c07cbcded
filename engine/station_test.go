package engine

import (
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/influxdata/line-protocol/v2/lineprotocol"
	"github.com/prometheus/client_golang/prometheus"

	"andon/bus"
	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
	"andon/store"
)

var start = productiontest.Start

// at is a time of the scripted hour.
func at(m, s int) plant.Instant {
	return start.Add(time.Duration(m)*time.Minute + time.Duration(s)*time.Second)
}

// A station is one area's engine on a real bus and real records. Its messages
// are handed to it by the test, so that stream time is the test's.
type station struct {
	t     *testing.T
	tree  *plant.Tree
	area  *plant.Area
	bus   *bus.Bus
	store *store.Store
	path  string
	log   *notes
	r     *runner
	edit  func(*Config) // of the configuration, nil for none
}

func newStation(t *testing.T, area string) *station {
	t.Helper()
	return newStationIn(t, Northfield(t), area)
}

// newStationIn is one of a plant that may have less than Northfield.
func newStationIn(t *testing.T, tree *plant.Tree, area string) *station {
	t.Helper()
	s := &station{t: t, tree: tree, log: newNotes()}
	s.area, s.bus = s.tree.FindArea(area), OpenBus(t, s.tree)
	s.store, s.path = OpenStore(t)
	s.restart()
	return s
}

// restart puts a new process in the place of the one before, which is gone
// without a word.
func (s *station) restart() {
	s.t.Helper()
	cfg := NorthfieldConfig()
	if s.edit != nil {
		s.edit(&cfg)
	}
	r, err := newRunner(Options{Config: cfg, Tree: s.tree, Bus: s.bus, Store: s.store, Log: slog.New(s.log),
		Metrics: NewMetrics(prometheus.NewRegistry()), Wake: func() {}}, s.area, func() {})
	if err != nil {
		s.t.Fatal(err)
	}
	if err := r.resume(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	s.r = r
}

// drawAll works out all that the screens are to show.
func (r *runner) drawAll() {
	for r.screen.unfinished() {
		r.draw()
	}
}

// present is what screens show now.
func (s *station) present() []production.Live {
	var all []production.Live
	for i := range s.area.Lines {
		all = append(all, s.r.core.present(i)...)
	}
	return all
}

// definitions are what KPIs depend on, without samples.
func (s *station) definitions() *production.Definitions {
	s.t.Helper()
	prod, err := production.NewDefinitions(s.r.o.Config.Production, s.tree, s.area)
	if err != nil {
		s.t.Fatal(err)
	}
	return prod
}

// feed hands over the messages that the engine has not yet, at most n at
// once, and has all that they led to committed.
func (s *station) feed(msgs []plant.Message, n int) {
	s.t.Helper()
	for int(s.r.pos) < len(msgs) {
		from := int(s.r.pos)
		if err := s.r.handle(s.t.Context(), msgs[from:min(from+n, len(msgs))]); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := s.r.commitAll(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

func (s *station) commit(last bool) {
	s.t.Helper()
	if err := s.r.commit(s.t.Context(), last); err != nil {
		s.t.Fatal(err)
	}
}

// hour is the stream of the scripted hour and five seconds more.
func (s *station) hour() []plant.Message {
	var mine []plant.Sample
	for _, x := range productiontest.Northfield(Northfield(s.t), start) {
		if x.Tag = s.tree.Tag(x.Tag.Path); x.Tag != nil && x.Tag.Equipment.Line.Area == s.area {
			mine = append(mine, x)
		}
	}
	return stream(mine, productiontest.Contacts(start), at(60, 5))
}

// stream makes the messages of samples and contacts up to a time: what came
// in each second, and its tick. A sample comes when it is its turn.
func stream(samples []plant.Sample, contacts []plant.Contact, end plant.Instant) []plant.Message {
	var out []plant.Message
	for now := samples[0].Time; now <= end; now = now.Add(time.Second) {
		i, j := 0, 0
		for i < len(samples) && samples[i].Time <= now {
			i++
		}
		for j < len(contacts) && contacts[j].Time <= now {
			j++
		}
		if i+j > 0 {
			out = append(out, plant.Message{Pos: uint64(len(out) + 1), Time: now, Kind: plant.KindTelemetry, Samples: samples[:i], Contacts: contacts[:j]})
		}
		out = append(out, plant.Message{Pos: uint64(len(out) + 1), Time: now, Kind: plant.KindTick})
		samples, contacts = samples[i:], contacts[j:]
	}
	return out
}

// rows are the records as they lie in the file, without what differs by
// nature: positions and snapshots.
func (s *station) rows() string {
	s.t.Helper()
	db := s.file()
	var b strings.Builder
	for _, q := range []string{
		`SELECT 'segment', equipment, start, end, state, body FROM segments ORDER BY equipment, start`,
		`SELECT 'count', equipment, start, part, '', body FROM counts ORDER BY equipment, start, part`,
		`SELECT 'meter', equipment, start, safety, '', body FROM meters ORDER BY equipment, start`,
		`SELECT 'stop', id, start, end, category || state, body FROM stops WHERE void = 0 ORDER BY id`,
		`SELECT 'alarm', id, raised, open, state, body FROM alarms ORDER BY id`,
		`SELECT 'transition', id, time, alarm, '', body FROM transitions ORDER BY id`,
		`SELECT 'message', id, created, contact, alarm, body FROM outbox ORDER BY id`,
	} {
		rows, err := db.QueryContext(s.t.Context(), q)
		if err != nil {
			s.t.Fatal(err)
		}
		for rows.Next() {
			var col [6]string
			if err := rows.Scan(&col[0], &col[1], &col[2], &col[3], &col[4], &col[5]); err != nil {
				s.t.Fatal(err)
			}
			fmt.Fprintln(&b, strings.Join(col[:], " "))
		}
		rows.Close()
	}
	return b.String()
}

// file opens the records beside the engine, as a tool would.
func (s *station) file() *sql.DB {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+s.path+"?_pragma=busy_timeout(10000)")
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { db.Close() })
	return db
}

func (s *station) exec(query string) {
	s.t.Helper()
	if _, err := s.file().ExecContext(s.t.Context(), query); err != nil {
		s.t.Fatal(err)
	}
}

// derived returns what the engine put on the stream, message by message.
func (s *station) derived() [][]byte {
	s.t.Helper()
	last, err := s.bus.Last(s.t.Context(), s.area)
	if err != nil {
		s.t.Fatal(err)
	}
	in, err := s.bus.Reader(s.t.Context(), s.area, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	defer in.Close()
	var out [][]byte
	for pos := uint64(0); pos < last; {
		msgs, err := in.Fetch(s.t.Context(), 500, time.Second)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, m := range msgs {
			pos = m.Pos
			out = append(out, m.Points)
		}
	}
	return out
}

// A series is one series of points: fields by time.
type series map[plant.Instant]map[string]any

// points is what a database holds that got the lines in their order.
func points(t *testing.T, messages [][]byte) map[string]series {
	t.Helper()
	all := map[string]series{}
	for _, lines := range messages {
		dec := lineprotocol.NewDecoderWithBytes(lines)
		for dec.Next() {
			if err := keep(all, dec); err != nil {
				t.Fatalf("%v in\n%s", err, lines)
			}
		}
	}
	return all
}

func keep(all map[string]series, dec *lineprotocol.Decoder) error {
	m, err := dec.Measurement()
	name := string(m)
	for err == nil {
		var k, v []byte
		if k, v, err = dec.NextTag(); k == nil {
			break
		}
		name += "," + string(k) + "=" + string(v)
	}
	fields := map[string]any{}
	for err == nil {
		var k []byte
		var v lineprotocol.Value
		if k, v, err = dec.NextField(); k == nil {
			break
		}
		fields[string(k)] = v.Interface()
	}
	if err != nil {
		return err
	}
	when, err := dec.Time(lineprotocol.Nanosecond, time.Time{})
	if all[name] == nil {
		all[name] = series{}
	}
	i := plant.At(when)
	if all[name][i] == nil {
		all[name][i] = map[string]any{}
	}
	for k, v := range fields {
		all[name][i][k] = v
	}
	return err
}
