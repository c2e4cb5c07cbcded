package plant

import (
	"fmt"
	"regexp"
	"time"

	"andon/plant/setting"
)

// Config declares a site's equipment tree.
type Config struct {
	Site  string       `yaml:"site"`
	Zone  string       `yaml:"zone"` // IANA time zone; the site's wall clock
	Areas []AreaConfig `yaml:"areas"`
}

// AreaConfig declares one area.
type AreaConfig struct {
	Name  string       `yaml:"name"`
	Lines []LineConfig `yaml:"lines"`
}

// LineConfig declares one line; its equipment stands in the order of flow.
type LineConfig struct {
	Name       string            `yaml:"name"`
	Constraint string            `yaml:"constraint"`
	Equipment  []EquipmentConfig `yaml:"equipment"`
}

// EquipmentConfig declares one equipment and its tags.
type EquipmentConfig struct {
	Name   string      `yaml:"name"`
	Source string      `yaml:"source"` // collector source that reads it
	Tags   []TagConfig `yaml:"tags"`
}

// TagConfig declares one tag. Address is the node id or the topic and is read
// by the source named in the equipment.
type TagConfig struct {
	Name          string `yaml:"name"`
	Role          Role   `yaml:"role"`
	Type          string `yaml:"type"` // bool, int, uint, float, text; "" keeps what arrives
	Unit          string `yaml:"unit"`
	Address       string `yaml:"address"`
	States        string `yaml:"states"`
	Rollover      uint64 `yaml:"rollover"`
	UnitsPerCount int64  `yaml:"units_per_count"`
}

var namePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

const nameWish = "a name of letters, digits, _ and -, at most 64"

// Validate reports every problem of c.
func (c Config) Validate() setting.Problems {
	p := c.validateNames()
	if _, err := time.LoadLocation(c.Zone); err != nil || c.Zone == "" || c.Zone == "Local" {
		p.Add("zone", "an IANA time zone such as Europe/Berlin")
	}
	for i, a := range c.Areas {
		for j, l := range a.Lines {
			l.validate(&p, fmt.Sprintf("areas[%d].lines[%d]", i, j))
		}
	}
	return p
}

// validateNames reports what is no name, or one that is used twice.
func (c Config) validateNames() setting.Problems {
	var p setting.Problems
	if !namePattern.MatchString(c.Site) {
		p.Add("site", nameWish)
	}
	if len(c.Areas) == 0 {
		p.Add("areas", "at least one area")
	}
	seen := map[string]bool{}
	for i, a := range c.Areas {
		at := fmt.Sprintf("areas[%d]", i)
		checkName(&p, seen, at, "", a.Name)
		for j, l := range a.Lines {
			l.validateNames(&p, seen, fmt.Sprintf("%s.lines[%d]", at, j), a.Name)
		}
	}
	return p
}

func (l LineConfig) validateNames(p *setting.Problems, seen map[string]bool, at, parent string) {
	checkName(p, seen, at, parent, l.Name)
	parent += "/" + l.Name
	for i, e := range l.Equipment {
		eat := fmt.Sprintf("%s.equipment[%d]", at, i)
		checkName(p, seen, eat, parent, e.Name)
		for j, t := range e.Tags {
			checkName(p, seen, fmt.Sprintf("%s.tags[%d]", eat, j), parent+"/"+e.Name, t.Name)
		}
	}
}

func checkName(p *setting.Problems, seen map[string]bool, at, parent, name string) {
	full := parent + "/" + name
	switch {
	case !namePattern.MatchString(name):
		p.Add(at+".name", nameWish)
	case seen[full]:
		p.Add(at+".name", "a name used once, %q is taken", name)
	}
	seen[full] = true
}

func (l LineConfig) validate(p *setting.Problems, at string) {
	found := l.Constraint == ""
	for i, e := range l.Equipment {
		found = found || e.Name == l.Constraint
		for j, t := range e.Tags {
			t.validate(p, fmt.Sprintf("%s.equipment[%d].tags[%d]", at, i, j))
		}
	}
	if !found {
		p.Add(at+".constraint", "the name of an equipment of this line, not %q", l.Constraint)
	}
}

func (t TagConfig) validate(p *setting.Problems, at string) {
	t.validateRole(p, at)
	t.validateType(p, at)
	if t.Rollover == 1 {
		p.Add(at+".rollover", "0 or the number of values the counter has, such as 65536")
	}
	if t.UnitsPerCount < 0 {
		p.Add(at+".units_per_count", "a whole number above 0")
	}
}

// NewTree builds the tree that c declares. Its error joins every problem of c.
func NewTree(c Config) (*Tree, error) {
	if err := c.Validate().Err(); err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return nil, fmt.Errorf("zone %q: %w", c.Zone, err)
	}
	return build(c, zone), nil
}

// Outline builds the tree of a configuration that may have problems, so that
// what other sections say of its equipment and tags is checked at the same
// time. It is good for nothing else. It is nil when a name in c is wrong, since
// then nobody knows what others mean.
func Outline(c Config) *Tree {
	if len(c.validateNames()) > 0 {
		return nil
	}
	return build(c, time.UTC)
}
