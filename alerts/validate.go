package alerts

import (
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"time"

	"andon/plant"
	"andon/plant/setting"
)

// Validate reports every problem of c.
func (c Config) Validate() setting.Problems {
	var p setting.Problems
	for _, name := range slices.Sorted(maps.Keys(c.Contacts)) {
		p.Under("contacts."+name, c.Contacts[name].validate())
	}
	for _, name := range slices.Sorted(maps.Keys(c.Policies)) {
		c.validateSteps(&p, "policies."+name, c.Policies[name])
	}
	for i, r := range c.Routes {
		c.validateRoute(&p, fmt.Sprintf("routes[%d]", i), r)
	}
	if n := len(c.Routes); n == 0 || !c.Routes[n-1].Match.all() {
		p.Add("routes", "a last route without match, so that no alarm goes unheard")
	}
	p.Under("delivery", c.Delivery.validate())
	return p
}

func (c Contact) validate() setting.Problems {
	var p setting.Problems
	if (c.Webhook == nil) == (c.Log == nil) {
		p.Add("", "exactly one of webhook and log (log: {} needs the braces)")
	}
	if w := c.Webhook; w != nil {
		w.validate(&p)
	}
	return p
}

func (w Webhook) validate(p *setting.Problems) {
	u, err := url.Parse(w.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		p.Add("webhook.url", "an http:// or https:// address")
	}
	if w.Secret != "" && w.SecretFile != "" {
		p.Add("webhook.secret_file", "either secret or secret_file")
	}
	if w.Timeout < 0 || w.Timeout > time.Minute {
		p.Add("webhook.timeout", "0s (for 10s) to 1m")
	}
}

func (c Config) validateSteps(p *setting.Problems, at string, steps []Step) {
	if len(steps) == 0 {
		p.Add(at, "at least one step")
	}
	for i, s := range steps {
		at := fmt.Sprintf("%s[%d]", at, i)
		if s.After < 0 {
			p.Add(at+".after", "0s or longer")
		} else if i > 0 && s.After <= steps[i-1].After {
			p.Add(at+".after", "longer than the step before (%s); every step counts from the raise", steps[i-1].After)
		}
		if len(s.Notify) == 0 {
			p.Add(at+".notify", "at least one contact")
		}
		for j, name := range s.Notify {
			at := fmt.Sprintf("%s.notify[%d]", at, j)
			if _, ok := c.Contacts[name]; !ok {
				p.Add(at, "the name of a contact, %q is none", name)
			} else if slices.Contains(s.Notify[:j], name) {
				p.Add(at, "each contact once, %q is there already", name)
			}
		}
	}
}

func (c Config) validateRoute(p *setting.Problems, at string, r Route) {
	if _, ok := c.Policies[r.Policy]; !ok {
		p.Add(at+".policy", "the name of a policy, %q is none", r.Policy)
	}
	if r.Ack != "" && r.Ack != AckRequired && r.Ack != AckNone {
		p.Add(at+".ack", "required or none, not %q", r.Ack)
	}
	for i, class := range r.Match.Class {
		if !slices.Contains(plant.Classes(), class) {
			p.Add(fmt.Sprintf("%s.match.class[%d]", at, i), "one of %v, not %q", plant.Classes(), class)
		}
	}
	for i, priority := range r.Match.Priority {
		if !slices.Contains(plant.Priorities(), priority) {
			p.Add(fmt.Sprintf("%s.match.priority[%d]", at, i), "one of %v, not %q", plant.Priorities(), priority)
		}
	}
	if _, err := path.Match(r.Match.Equipment, ""); err != nil {
		p.Add(at+".match.equipment", "a pattern such as site/area/line/*")
	}
}

func (d Delivery) validate() setting.Problems {
	var p setting.Problems
	if d.ExpireAfter < time.Minute {
		p.Add("expire_after", "1m or longer")
	}
	if d.Parallel < 1 || d.Parallel > 100 {
		p.Add("parallel", "1 to 100")
	}
	if d.RetryMin < 100*time.Millisecond {
		p.Add("retry_min", "100ms or longer")
	}
	if d.RetryMax < d.RetryMin || d.RetryMax > time.Hour {
		p.Add("retry_max", "retry_min to 1h")
	}
	return p
}

// all reports whether m matches every alarm.
func (m Match) all() bool {
	return len(m.Class) == 0 && len(m.Priority) == 0 && len(m.Area) == 0 && m.Equipment == ""
}
