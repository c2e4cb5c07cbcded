package production

import (
	"fmt"
	"strings"
	"time"

	"andon/plant"
	"andon/plant/setting"
)

// A Consumption is a material that a product takes from a level.
type Consumption struct {
	// Tag is the level: the name of a tag of the equipment, or the path of a
	// tag.
	Tag string `yaml:"tag"`
	// PerUnit is taken for each unit made, good or not, in the tag's unit.
	PerUnit float64 `yaml:"per_unit"`
	// Equipment makes the product of it. When empty, it is the equipment that
	// has the tag.
	Equipment string `yaml:"equipment"`
}

// of reports whether u takes the material, and from which tag.
func (c Consumption) of(tree *plant.Tree, eq *plant.Equipment) (*plant.Tag, bool) {
	path := c.Tag
	if !strings.Contains(path, "/") {
		path = eq.Path + "/" + path
	}
	tag := tree.Tag(path)
	switch {
	case tag == nil || tag.Equipment.Line.Area != eq.Line.Area:
		return nil, false
	case c.Equipment == "":
		return tag, tag.Equipment == eq
	}
	return tag, plant.Match(c.Equipment, eq.Path)
}

// gauging finds the tags of the unit's energy and levels.
func (u *unit) gauging(cfg Config, tree *plant.Tree, over EquipmentConfig) {
	u.safety.from = endless
	u.energy.metering(u.eq.Tag(plant.RoleEnergy), over.MaxPower)
	for _, tag := range u.eq.Tags {
		if tag.Role == plant.RoleLevel {
			u.levels = append(u.levels, level{tag: tag, name: tag.Name})
		}
	}
	for _, q := range cfg.Products {
		for _, c := range q.Consumes {
			tag, ok := c.of(tree, u.eq)
			if !ok {
				continue
			}
			i := u.levelOf(tag)
			if i < 0 {
				i = len(u.levels)
				u.levels = append(u.levels, level{tag: tag, name: nameFor(tag, u.eq)})
			}
			u.takes = append(u.takes, Intake{Tag: u.levels[i].name, Unit: tag.Unit, Product: q.Name, PerUnit: c.PerUnit})
		}
	}
}

// gaugedBy reports whether there is anything for Meters.
func (u *unit) gaugedBy() bool {
	return u.energy.tag != nil || len(u.levels) > 0 || u.eq.Tag(plant.RoleEStop) != nil || u.eq.Tag(plant.RoleGuard) != nil
}

// nameFor returns the name of a tag, its path for other equipment than its
// own.
func nameFor(tag *plant.Tag, eq *plant.Equipment) string {
	if tag.Equipment == eq {
		return tag.Name
	}
	return tag.Path
}

// levelOf returns the index of the level that tag is, -1 for none.
func (u *unit) levelOf(tag *plant.Tag) int {
	for i := range u.levels {
		if u.levels[i].tag == tag {
			return i
		}
	}
	return -1
}

// define sets what the KPIs of meters depend on besides facts.
func (d *definition) define(in *KPIInput) {
	in.calendar, in.NoCount = d.cal, d.noCount
	if d.inspectedBy != nil {
		in.InspectedBy = d.inspectedBy.Path
	}
	in.HasEnergy = d.hasEnergy
	in.HasSafety = d.eq.Tag(plant.RoleEStop) != nil || d.eq.Tag(plant.RoleGuard) != nil
	in.StartupWindow = d.set.startup
	in.Maintenance, in.ScrapPlans = d.set.maintenance, d.set.scrap
	for _, t := range d.takes {
		t.IdealCycle = d.set.plan.ideal(t.Product, in.Window.To)
		in.Intakes = append(in.Intakes, t)
	}
	d.addMouldIntakes(in)
}

// levelFrom returns the minute of the earliest of the levels that hold at t,
// or from if that is earlier: a level that does not change tells nothing.
func (u *unit) levelFrom(t, from plant.Instant) plant.Instant {
	for i := range u.levels {
		l := &u.levels[i]
		if k := l.index(closing(t)+minute) - 1; k >= 0 && len(u.takes) > 0 {
			from = min(from, closing(l.points[k].t))
		}
	}
	return from
}

func (c Consumption) validate() setting.Problems {
	var p setting.Problems
	if c.Tag == "" {
		p.Add("tag", "the name of a tag, or the path of one")
	}
	if !(c.PerUnit > 0) {
		p.Add("per_unit", "an amount above 0")
	}
	optionalGlob(&p, "equipment", c.Equipment)
	return p
}

// checkConsumes reports materials that no tag is the level of.
func (c Config) checkConsumes(p *setting.Problems, tree *plant.Tree) {
	for i, q := range c.Products {
		for j, use := range q.Consumes {
			at := fmt.Sprintf("products[%d].consumes[%d]", i, j)
			tree.CheckPattern(p, at+".equipment", use.Equipment)
			used := false
			for _, eq := range tree.Equipment() {
				tag, ok := use.of(tree, eq)
				if used = used || ok; ok && (tag.Type == plant.KindText || tag.Type == plant.KindBool) {
					p.Add(at+".tag", "a tag that measures, %s is %s", tag.Path, tag.Type)
					break
				}
			}
			if !used && use.Tag != "" {
				p.Add(at+".tag", "a tag of the equipment that makes the product, or the path of one in its area, not %q", use.Tag)
			}
		}
	}
}

// validateStartup reports a window of start-up that is none.
func (c Config) validateStartup(p *setting.Problems) {
	if c.Startup < 0 || c.Startup > time.Hour {
		p.Add("startup", "a time from 0s to 1h, not %s", c.Startup)
	}
}

// maintenanceReasons returns the ids of reasons that are preventive
// maintenance.
func maintenanceReasons(c Config) []string {
	var ids []string
	for _, r := range c.Reasons {
		if r.Maintenance {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// addMeters adds the meters of the window that in asks for, and before it
// those of levels that hold at to.
func (u *unit) addMeters(in *KPIInput, to plant.Instant) {
	if !in.HasEnergy && !in.HasSafety && len(u.levels) == 0 {
		return
	}
	in.Facts.Meters = u.exportMeters(u.sheet, u.levelFrom(to, in.Window.From.Truncate(time.Minute)))
	if k := u.segmentIndex(in.Window.From.Add(-u.set.startup)); len(in.Facts.Segments) < len(u.segs)-k {
		in.Facts.Segments = u.segs[k:]
	}
}
