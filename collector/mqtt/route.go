package mqtt

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"andon/plant"
	"andon/plant/setting"
)

// A route is a Subscription made ready: everything that does not depend on
// the message is worked out.
type route struct {
	template template
	qos      byte
	payload  Payload
	fixed    parts
	time     []string
	format   TimeFormat
	value    []string
	fields   []field // by tag name, without tags
	online   []string
	offline  []string
}

// A field is where a JSON payload has the value of a tag.
type field struct {
	name string
	path []string
	tag  *plant.Tag // nil when the equipment has none of that name
}

// newRoutes makes the routes of the subscriptions, then those of the tags
// that this source reads and that have a topic of their own as address. It
// also finds what can never work with this tree, so that a mistyped name is
// found before the first message.
func newRoutes(c Config, name string, tree *plant.Tree) ([]*route, setting.Problems) {
	var routes []*route
	var p setting.Problems
	taken := map[string]string{} // filter → what it is read for; a filter serves one route
	for i, s := range c.Subscriptions {
		r, err := newRoute(s, tree)
		if err != nil {
			continue // Validate tells why
		}
		at := indexed("subscriptions", i)
		s.check(&p, at, r, tree)
		routes, taken[r.template.filter] = append(routes, r), at+" of its source"
	}
	addressed := false
	for _, tag := range tree.Tags() {
		if tag.Address == "" || tag.Equipment.Source != name {
			continue
		}
		addressed = true
		r, err := addressRoute(tag, tree)
		if err == nil && taken[r.template.filter] != "" {
			err = fmt.Errorf("want a topic of its own, %s is read for %s already", clip(tag.Address), taken[r.template.filter])
		}
		if err != nil {
			p.AddElsewhere(tree.ConfigPath(tag)+".address", "%s", strings.TrimPrefix(err.Error(), "want "))
			continue
		}
		routes, taken[r.template.filter] = append(routes, r), tag.Path
	}
	if len(c.Subscriptions) == 0 && !addressed {
		p.Add("subscriptions", "at least one, or tags with a topic as address")
	}
	return routes, p
}

func addressRoute(tag *plant.Tag, tree *plant.Tree) (*route, error) {
	if strings.ContainsAny(tag.Address, "+#{}") {
		return nil, fmt.Errorf("want the topic of one value, without + # { }, not %.100q", tag.Address)
	}
	return newRoute(Subscription{Topic: tag.Address, Payload: PayloadScalar,
		Equipment: tag.Equipment.Path, Place: Place{Tag: tag.Name}}, tree)
}

// newRoute makes the route of one subscription. Its errors are among those of
// Validate.
func newRoute(s Subscription, tree *plant.Tree) (*route, error) {
	t, err := parseTemplate(s.Topic)
	if err != nil {
		return nil, err
	}
	fixed, err := s.parts()
	if err != nil {
		return nil, err
	}
	if fixed[partSite] == "" && !t.has(partSite) {
		fixed[partSite] = tree.Site
	}
	r := &route{template: t, qos: s.qos(), payload: s.payload(), fixed: fixed, format: s.TimeFormat,
		online: words(s.Online, "online"), offline: words(s.Offline, "offline")}
	return r, r.compilePaths(s, fixed[partTag] != "" || t.has(partTag))
}

func words(given []string, ifNone string) []string {
	if len(given) == 0 {
		return []string{ifNone}
	}
	return given
}

func (r *route) compilePaths(s Subscription, hasTag bool) error {
	var err error
	if r.time, err = parsePath(s.Time); err != nil {
		return err
	}
	if hasTag && r.payload == PayloadJSON {
		if s.Value == "" {
			s.Value = "value"
		}
		r.value, err = parsePath(s.Value)
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(s.Tags)) {
		path, err := parsePath(s.Tags[name])
		if err != nil {
			return err
		}
		r.fields = append(r.fields, field{name: name, path: path})
	}
	return nil
}

// A target is where the messages of one topic go.
type target struct {
	route     *route
	equipment *plant.Equipment
	tag       *plant.Tag            // nil when the place has none
	fields    []field               // of a JSON payload with tags
	byName    map[string]*plant.Tag // of a JSON payload without
	none      problem               // why nothing of this topic can be taken

	troubled  bool          // the Status may know a trouble of this topic
	troubleAt plant.Instant // when the last one was seen
	told      string        // the trouble that was logged last, "" when none is on
	toldAt    plant.Instant // when it was
}

// tell reports whether the trouble text at time at is worth a line of the
// log, and then takes it as told. News says that the Status did not have it.
func (t *target) tell(text string, news bool, at plant.Instant) bool {
	switch {
	case t.told == "" && !news: // an earlier session told it, or there are too many
		return false
	case t.told != "" && (t.told == text || at.Sub(t.toldAt) < changeAfter):
		return false
	}
	t.told, t.toldAt = text, at
	return true
}

// resolve finds the target of topic. A topic that has none gets a target that
// says why.
func resolve(routes []*route, tree *plant.Tree, topic string) *target {
	for _, r := range routes {
		names := r.fixed
		if r.template.match(topic, &names) {
			return r.target(tree, names)
		}
	}
	return &target{none: problem{reasonUnrouted, "no subscription matches; the broker may still hold one of an earlier configuration"}, troubled: true}
}

func (r *route) target(tree *plant.Tree, names parts) *target {
	// troubled: an earlier session may have left a trouble behind.
	t := &target{route: r, troubled: true}
	t.equipment = tree.FindEquipment(strings.Join(names[:partTag], "/"))
	if t.equipment == nil {
		t.none = problem{reasonUnknownEquipment, "no equipment " + clip(strings.Join(names[:partTag], "/"))}
		return t
	}
	if name := names[partTag]; name != "" {
		if t.tag = tree.Tag(t.equipment.Path + "/" + name); t.tag == nil {
			t.none = problem{reasonUnknownTag, t.equipment.Path + " has no tag " + clip(name)}
		}
		return t
	}
	for _, f := range r.fields {
		f.tag = tree.Tag(t.equipment.Path + "/" + f.name)
		t.fields = append(t.fields, f)
	}
	if r.payload == PayloadJSON && len(r.fields) == 0 {
		t.byName = make(map[string]*plant.Tag, len(t.equipment.Tags))
		for _, tag := range t.equipment.Tags {
			t.byName[tag.Name] = tag
		}
	}
	return t
}
