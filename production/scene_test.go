package production_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
)

// A scene is a line of three PackML machines, M1 to M3, on 2 March 2026 from
// 08:00Z. Times are written mm:ss after that.
type scene struct {
	t     *testing.T
	cfg   production.Config
	tree  *plant.Tree
	area  *production.Area
	start plant.Instant
	now   plant.Instant
	batch []plant.Sample
}

func newScene(t *testing.T, change ...func(*production.Config)) *scene {
	t.Helper()
	var eqs []plant.EquipmentConfig
	for i := range 3 {
		eqs = append(eqs, plant.EquipmentConfig{Name: fmt.Sprintf("M%d", i+1), Source: "plc", Tags: []plant.TagConfig{
			{Name: "state", Role: plant.RoleState}, {Name: "mode", Role: plant.RoleMode}, {Name: "estop", Role: plant.RoleEStop},
			{Name: "guard", Role: plant.RoleGuard}, {Name: "starved", Role: plant.RoleStarved}, {Name: "blocked", Role: plant.RoleBlocked},
			{Name: "alarm", Role: plant.RoleFaultCode}, {Name: "reason", Role: plant.RoleStopReason},
			{Name: "product", Role: plant.RoleProduct}, {Name: "total", Role: plant.RoleTotalCount}, {Name: "reject", Role: plant.RoleRejectCount},
			{Name: "energy", Role: plant.RoleEnergy, Type: "float", Unit: "kWh"}, {Name: "tank", Role: plant.RoleLevel, Type: "float"},
		}})
	}
	tree, err := plant.NewTree(plant.Config{Site: "s", Zone: "UTC", Areas: []plant.AreaConfig{
		{Name: "a", Lines: []plant.LineConfig{{Name: "l", Equipment: eqs}}}}})
	if err != nil {
		t.Fatal(err)
	}
	cfg := production.DefaultConfig()
	cfg.Products = []production.Product{{Name: "P", Ideal: []production.IdealCycle{{Cycle: time.Second}}}, {Name: "Q"}}
	cfg.Reasons = []production.Reason{{ID: "jam", Codes: []string{"1"}, Category: production.CategoryMicro},
		{ID: "drive", Codes: []string{"2"}, Category: production.CategoryFault},
		{ID: "meeting", Codes: []string{"3"}, Category: production.CategoryPlanned}}
	cfg.Equipment = []production.EquipmentConfig{{Equipment: "s/a/l/*", Product: "P"}}
	for _, f := range change {
		f(&cfg)
	}
	return sceneOf(t, cfg, tree)
}

// sceneOf begins a scene on another line.
func sceneOf(t *testing.T, cfg production.Config, tree *plant.Tree) *scene {
	t.Helper()
	s := &scene{t: t, cfg: cfg, tree: tree, start: plant.At(time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))}
	var err error
	if s.area, err = production.New(s.cfg, tree, tree.Areas[0]); err != nil {
		t.Fatal(err)
	}
	s.now = s.start
	return s
}

func (s *scene) at(clock string) plant.Instant {
	var m, sec int
	var ms int
	if _, err := fmt.Sscanf(clock, "%d:%d.%d", &m, &sec, &ms); err != nil {
		if _, err := fmt.Sscanf(clock, "%d:%d", &m, &sec); err != nil {
			s.t.Fatalf("clock %q: %v", clock, err)
		}
	}
	return s.start.Add(time.Duration(m)*time.Minute + time.Duration(sec)*time.Second + time.Duration(ms)*time.Millisecond)
}

// say has a tag of the line take a value at a time; it is delivered by till.
func (s *scene) say(clock, tag string, v any) {
	sample := plant.Sample{Tag: s.tree.Tag("s/a/l/" + tag), Time: s.at(clock)}
	switch v := v.(type) {
	case int:
		sample.Value = plant.Int(int64(v))
	case float64:
		sample.Value = plant.Float(v)
	case bool:
		sample.Value = plant.Bool(v)
	case string:
		sample.Value = plant.Text(v)
	case plant.Status:
		sample.Status = v
	}
	s.batch = append(s.batch, sample)
}

// till delivers what was said, with contact every 5 s, up to a time.
func (s *scene) till(clock string) production.Changes {
	end := s.at(clock)
	var contacts []plant.Contact
	for t := s.now; t <= end; t += 5 * second {
		contacts = append(contacts, plant.Contact{Source: "plc", Time: t})
	}
	return s.silent(clock, contacts...)
}

// silent delivers what was said, but no other contact than those given.
func (s *scene) silent(clock string, contacts ...plant.Contact) production.Changes {
	s.now = s.at(clock)
	s.area.Apply(s.now, s.batch, contacts)
	s.area.Tick(s.now)
	s.batch = nil
	return s.area.Drain()
}

func (s *scene) eq(name string) *plant.Equipment { return s.tree.FindEquipment("s/a/l/" + name) }

// timeline writes the segments of an equipment, as mm:ss state loss reason.
func (s *scene) timeline(name string) string {
	var out []string
	for _, seg := range s.area.Facts(s.eq(name), plant.Interval{From: s.start - Hour, To: s.now}).Segments {
		at := time.Duration(seg.From - s.start)
		text := fmt.Sprintf("%02d:%02d %s", int(at.Minutes()), int(at.Seconds())%60, seg.State)
		if seg.Loss.String() != seg.State.String() && !(seg.Loss == production.LossOther && seg.State == plant.StateStopped) {
			text += "/" + seg.Loss.String()
		}
		if seg.Reason != "" && seg.Reason != seg.State.String() {
			text += " " + seg.Reason
		}
		if seg.Culprit != "" {
			text += " by " + seg.Culprit[len("s/a/l/"):]
		}
		if seg.Unscheduled {
			text += " unscheduled"
		}
		if seg.Inferred {
			text += " inferred"
		}
		if seg.Blip {
			text += " blip"
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

func (s *scene) want(name, want string) {
	s.t.Helper()
	if got := s.timeline(name); got != want {
		s.t.Errorf("%s:\n got %s\nwant %s", name, got, want)
	}
}

// kpi returns the KPIs of an equipment between two times.
func (s *scene) kpi(name, from, to string) production.KPI {
	s.t.Helper()
	k, ok := s.area.KPI(s.eq(name), plant.Interval{From: s.at(from), To: s.at(to)}, production.WindowRange)
	if !ok {
		s.t.Fatalf("no KPIs of %s", name)
	}
	return k
}
