package plant

import (
	"slices"
	"strings"

	"andon/plant/setting"
)

// units returns the units that tags of role r may have. They are none for
// codes, words and signals; tags without a role may have any.
func (r Role) units() []string {
	amounts := []string{"count", "pieces", "g", "kg", "t", "L", "l", "m3", "m"}
	switch {
	case r == RoleNone:
		return Units()
	case r.Counts():
		return amounts // what is not made in pieces is counted in whole litres, metres, kilograms
	case r == RoleLevel:
		return append(amounts, "%", "cm", "mm")
	case r == RoleSpeed:
		return []string{"1/h", "1/min", "Hz", "rpm", "%", "m/s", "mm/s", "kg/h", "m3/h", "L/min"}
	case r == RoleEnergy:
		return []string{"kWh", "Wh", "MWh"}
	case r == RolePower:
		return []string{"kW", "W"}
	case r == RoleCavities:
		return []string{"count", "pieces"}
	}
	return nil
}

// Counts reports whether tags of role r are counters of units.
func (r Role) Counts() bool {
	return r == RoleTotalCount || r == RoleGoodCount || r == RoleRejectCount || r == RoleReworkCount
}

// Takes reports whether tags of role r may have that unit. Every tag may go
// without one.
func (r Role) Takes(unit string) bool {
	return unit == "" || slices.Contains(r.units(), unit)
}

// measured reports whether the values of r are amounts, which only numbers
// can be.
func (r Role) measured() bool { return r != RoleNone && r.units() != nil }

func (t TagConfig) validateRole(p *setting.Problems, at string) {
	known := t.Role == RoleNone || slices.Contains(roles, t.Role)
	if !known {
		p.Add(at+".role", "one of %s, not %q", listed(roles), t.Role)
	}
	switch units := t.Role.units(); {
	case t.Role.Takes(t.Unit), !known && RoleNone.Takes(t.Unit):
	case t.Role == RoleNone || !known:
		p.Add(at+".unit", "one of %s, not %q", listed(Units()), t.Unit)
	case units == nil:
		p.Add(at+".unit", "no unit with the role %s, not %q", t.Role, t.Unit)
	default:
		p.Add(at+".unit", "%s with the role %s, not %q", listed(units), t.Role, t.Unit)
	}
	if t.States != "" && known && t.Role != RoleState && t.Role != RoleMode {
		p.Add(at+".states", "no map of codes, only tags with the role state or mode have one")
	}
}

func (t TagConfig) validateType(p *setting.Problems, at string) {
	k, ok := ParseKind(t.Type)
	switch {
	case !ok || t.Type == "none":
		p.Add(at+".type", "bool, int, uint, float or text, not %q", t.Type)
	case t.Rollover > 0 && k != KindInt && k != KindUint:
		p.Add(at+".type", "int or uint for a counter that rolls over")
	case t.Role.measured() && (k == KindBool || k == KindText):
		p.Add(at+".type", "int, uint or float with the role %s, not %q", t.Role, t.Type)
	}
}

// listed writes names as a list for people.
func listed[S ~string](names []S) string {
	var b strings.Builder
	for i, n := range names {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(n))
	}
	return b.String()
}
