package plant

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
)

// A Role says what a tag means to the computations; tags without one are
// only collected and may be used by rules.
type Role string

// The roles of tags.
const (
	RoleNone        Role = ""
	RoleState       Role = "state"        // equipment state code, mapped by Tag.States
	RoleMode        Role = "mode"         // unit mode code, mapped by Tag.States
	RoleTotalCount  Role = "total_count"  // cumulative units produced, good and bad
	RoleGoodCount   Role = "good_count"   // cumulative good units
	RoleRejectCount Role = "reject_count" // cumulative rejected units
	RoleReworkCount Role = "rework_count" // cumulative units sent to rework
	RoleSpeed       Role = "speed"        // units per hour now
	RoleEnergy      Role = "energy"       // cumulative energy
	RolePower       Role = "power"        // electric power now
	RoleCavities    Role = "cavities"     // units that one count stands for now
	RoleLevel       Role = "level"        // material left
	RoleProduct     Role = "product"      // product now being made
	RoleOrder       Role = "order"        // production order now running
	RoleFaultCode   Role = "fault_code"   // active fault or alarm code, 0 or "" for none
	RoleStopReason  Role = "stop_reason"  // reason code of the present stop
	RoleEStop       Role = "estop"        // true while an emergency stop is active
	RoleGuard       Role = "guard"        // true while a guard is open
	RoleStarved     Role = "starved"      // true while starved
	RoleBlocked     Role = "blocked"      // true while blocked
)

// Roles lists every role that configuration may name.
var roles = []Role{RoleState, RoleMode, RoleTotalCount, RoleGoodCount, RoleRejectCount,
	RoleReworkCount, RoleSpeed, RoleEnergy, RolePower, RoleCavities, RoleLevel, RoleProduct, RoleOrder, RoleFaultCode,
	RoleStopReason, RoleEStop, RoleGuard, RoleStarved, RoleBlocked}

// Roles returns every role that configuration may name.
func Roles() []Role { return append([]Role(nil), roles...) }

// A Tag is a named signal of one equipment. Its Path, site/area/line/
// equipment/tag, is its identity for ever.
type Tag struct {
	ID        int // dense index in its Tree, -1 when the tree does not know the tag
	Name      string
	Path      string
	Equipment *Equipment
	Role      Role
	Type      Kind   // declared type; KindNone keeps what arrives
	Unit      string // one of Units(), or ""
	Address   string // where its source finds it: a node id, "" when topics place it

	// States names the map from raw codes to canonical states, for the
	// roles state and mode.
	States string
	// Rollover is the number of distinct values of a counter, 65536 for a
	// UInt16; 0 when it never rolls over.
	Rollover uint64
	// UnitsPerCount is how many units one count stands for, such as the
	// active cavities of a mould; 1 unless configured.
	UnitsPerCount int64
}

// Equipment is a work unit of ISA-95.
type Equipment struct {
	ID     int // dense index in its Tree, -1 when the tree does not know it
	Name   string
	Path   string // site/area/line/equipment
	Line   *Line
	Source string // name of the collector source that reads it, "" when none
	Tags   []*Tag
}

// Tag returns the equipment's tag with that role, nil when it has none. With
// several, the first declared counts.
func (e *Equipment) Tag(r Role) *Tag {
	for _, t := range e.Tags {
		if t.Role == r {
			return t
		}
	}
	return nil
}

// A Line is a work center: equipment in the order of the material's flow.
type Line struct {
	Name       string
	Path       string // site/area/line
	Area       *Area
	Equipment  []*Equipment
	Constraint *Equipment // the one that limits the line; the first when not configured
}

// An Area is the unit of scale: its stream of messages is totally ordered.
type Area struct {
	Name  string
	Path  string // site/area
	Site  string
	Zone  *time.Location // the site's; nil of areas that are in no tree
	Lines []*Line
}

// A Tree is the equipment of one site. It is immutable.
type Tree struct {
	Site  string
	Zone  *time.Location
	Areas []*Area

	equipment []*Equipment
	tags      []*Tag
	byPath    []*Tag // sorted by path; a map would take five times as much
	eqByPath  map[string]*Equipment
}

// Equipment returns all equipment, indexed by Equipment.ID. The slice must
// not be changed.
func (t *Tree) Equipment() []*Equipment { return t.equipment }

// Tags returns all tags, indexed by Tag.ID. The slice must not be changed.
func (t *Tree) Tags() []*Tag { return t.tags }

// Tag returns the tag with that path, nil when the tree has none.
func (t *Tree) Tag(path string) *Tag {
	i, found := slices.BinarySearchFunc(t.byPath, path, func(tag *Tag, path string) int { return cmp.Compare(tag.Path, path) })
	if !found {
		return nil
	}
	return t.byPath[i]
}

// FindEquipment returns the equipment with that path, nil when the tree has
// none.
func (t *Tree) FindEquipment(path string) *Equipment { return t.eqByPath[path] }

// FindArea returns the area with that name, nil when the tree has none.
func (t *Tree) FindArea(name string) *Area {
	for _, a := range t.Areas {
		if a.Name == name {
			return a
		}
	}
	return nil
}

// Detached builds a tag that is in no tree, for samples of tags that an
// earlier configuration knew: they still reach the database. It is an error
// when the path has not five parts.
func Detached(tagPath string) (*Tag, error) {
	p := strings.Split(tagPath, "/")
	if len(p) != 5 {
		return nil, fmt.Errorf("tag %.100q: want site/area/line/equipment/tag", tagPath)
	}
	for _, part := range p {
		if part == "" {
			return nil, fmt.Errorf("tag %.100q: want five names, none empty", tagPath)
		}
	}
	area := &Area{Name: p[1], Path: strings.Join(p[:2], "/"), Site: p[0]}
	line := &Line{Name: p[2], Path: strings.Join(p[:3], "/"), Area: area}
	eq := &Equipment{ID: -1, Name: p[3], Path: strings.Join(p[:4], "/"), Line: line}
	return &Tag{ID: -1, Name: p[4], Path: tagPath, Equipment: eq, UnitsPerCount: 1}, nil
}

// Match reports whether pattern, with * and ? inside one name and ** for any
// number of names at the end, matches the path of an equipment or tag.
func Match(pattern, name string) bool {
	if rest, ok := strings.CutSuffix(pattern, "**"); ok {
		n := strings.Count(rest, "/")
		parts := strings.SplitAfterN(name, "/", n+1)
		if len(parts) < n+1 {
			return false
		}
		head := strings.Join(parts[:n], "")
		ok, err := path.Match(rest, head)
		return err == nil && ok
	}
	ok, err := path.Match(pattern, name)
	return err == nil && ok
}

// Units returns the units that a tag may have. Numbers are stored in the
// declared unit and never converted.
func Units() []string {
	return []string{"%", "1/h", "1/min", "A", "Hz", "L", "L/min", "MWh", "N", "Nm", "Pa", "V", "W", "Wh",
		"bar", "cm", "count", "degC", "degF", "g", "h", "kN", "kPa", "kV", "kW", "kWh", "kg", "kg/h",
		"l", "m", "m/s", "m3", "m3/h", "mA", "mbar", "min", "mm", "mm/s", "ms", "pH", "pieces", "ppm",
		"rpm", "s", "t", "um"}
}
