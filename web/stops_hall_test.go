package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"andon/engine"
	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
	"andon/production/review"
	"andon/store"
	"andon/web"
)

// reviewedHour is Northfield's settings with the reasons that its people give
// besides.
func reviewedHour() production.Config {
	c := productiontest.Config(productiontest.Start)
	c.Reasons = append(c.Reasons,
		production.Reason{ID: "staff", Name: "People", Category: production.CategoryOther},
		production.Reason{ID: "wait_technician", Name: "Waiting for the technician", Parent: "staff", Category: production.CategoryFault},
		production.Reason{ID: "no_operator", Name: "No operator", Parent: "staff"},
		production.Reason{ID: "cleaning", Name: "Cleaning", Category: production.CategoryPlanned},
		production.Reason{ID: "audit", Name: "Audit <1>", Category: production.CategoryPlanned, RequiresComment: true})
	return c
}

// A meeting is a site at which people speak of the scripted hour of one area.
// Its records have what production found; what people say comes into them as
// the engine does it.
type meeting struct {
	*site
	area *plant.Area
	book *review.Book
	pos  uint64
}

func newMeeting(t *testing.T, area string) *meeting {
	t.Helper()
	return newMeetingWith(t, area, reviewedHour())
}

func newMeetingWith(t *testing.T, area string, cfg production.Config) *meeting {
	t.Helper()
	tree, err := plant.NewTree(productiontest.Plant())
	if err != nil {
		t.Fatal(err)
	}
	m := &meeting{site: newSiteWith(t, nil, func(o *web.Options) { o.Desk = engine.NewDesk(cfg, o.Tree, o.Store) }), area: tree.FindArea(area)}
	m.book = review.NewBook(review.NewDefinitions(cfg, tree), m.area)
	m.engine.done = m.hear
	prod, err := production.New(cfg, tree, m.area)
	if err != nil {
		t.Fatal(err)
	}
	samples, contacts := productiontest.Northfield(tree, productiontest.Start), productiontest.Contacts(productiontest.Start)
	for now := productiontest.Start; now <= minuteOf(61); now = now.Add(time.Second) {
		i, j := 0, 0
		for i < len(samples) && samples[i].Time <= now {
			i++
		}
		for j < len(contacts) && contacts[j].Time <= now {
			j++
		}
		prod.Apply(now, samples[:i], contacts[:j])
		prod.Tick(now)
		samples, contacts = samples[i:], contacts[j:]
	}
	m.keep(prod.Drain())
	return m
}

// minuteOf is a time of the scripted hour.
func minuteOf(m int) plant.Instant {
	return productiontest.Start.Add(time.Duration(m) * time.Minute)
}

// keep writes what production found into the records.
func (m *meeting) keep(ch production.Changes) {
	m.t.Helper()
	c := store.Commit{Area: m.area.Path, Pos: 1, Time: minuteOf(61)}
	for _, r := range ch.Rewrites {
		w := store.Rewrite{Equipment: r.Equipment.Path, From: r.From}
		for _, x := range r.Segments {
			w.Segments = append(w.Segments, store.Segment{Start: x.From, End: x.To, State: x.State.String(), Body: encode(m.t, x)})
		}
		c.Rewrites = append(c.Rewrites, w)
	}
	for _, x := range ch.Stops {
		c.Stops = append(c.Stops, store.Stop{ID: x.ID, Equipment: x.Equipment.Path, Start: x.From, End: x.To, State: x.State.String(),
			Category: string(x.Category), Void: x.Void, Body: encode(m.t, x)})
	}
	if err := m.store.Commit(m.t.Context(), c); err != nil {
		m.t.Fatal(err)
	}
}

// hear does a command as the engine would.
func (m *meeting) hear(cmd plant.Command) error {
	m.pos++
	if err := m.book.Command(cmd.Time, m.pos, cmd); err != nil {
		return err
	}
	c := store.Commit{Area: m.area.Path, Pos: m.pos + 1, Time: cmd.Time}
	for _, e := range m.book.Drain() {
		c.Edits = append(c.Edits, store.Edit{Seq: e.Seq, ID: e.ID, Pos: e.Pos, Time: e.Time, Equipment: e.Equipment, Start: e.From, End: e.To,
			Kind: string(e.Kind), User: e.User, Body: encode(m.t, e)})
	}
	return m.store.Commit(m.t.Context(), c)
}

// view is the address of the hour of a line or of equipment.
func view(path string) string {
	return "/stops?" + url.Values{"equipment": {path}, "from": {minuteOf(0).String()}, "to": {minuteOf(60).String()}}.Encode()
}

// says sends a form of the page as Anna and returns where she is then.
func (m *meeting) says(what string, fields url.Values) string {
	m.t.Helper()
	res := m.asks(what, fields)
	m.expect(res, http.StatusSeeOther)
	return res.Header.Get("Location")
}

func (m *meeting) asks(what string, fields url.Values) *http.Response {
	m.t.Helper()
	if !fields.Has("next") {
		fields.Set("next", view(productiontest.A1))
	}
	r := form("/stops/"+what, fields.Encode())
	r.AddCookie(login(m.site))
	return m.ask(r)
}

// stop returns the id of the stop that begins at a time of the hour.
func (m *meeting) stop(equipment string, min, sec int) string {
	m.t.Helper()
	at := minuteOf(min).Add(time.Duration(sec) * time.Second)
	list := decode[struct {
		Stops []struct{ ID, From string }
	}](m.t, m.expect(m.get("/api/v1/stops?equipment="+equipment), http.StatusOK))
	for _, s := range list.Stops {
		if s.From == at.String() {
			return s.ID
		}
	}
	m.t.Fatalf("no stop of %s at %s: %+v", equipment, at, list)
	return ""
}

// sums are the totals that the page shows.
func sums(t *testing.T, page string) string {
	t.Helper()
	_, after, ok := strings.Cut(page, `<p class="sums whole">`)
	text, _, _ := strings.Cut(after, "</p>")
	if !ok {
		t.Fatalf("page: got no sums in %s", page)
	}
	return strings.NewReplacer("<span>", "", "</span>", ";", "<b>", "", "</b>", "", "\n", "").Replace(text)
}

// many puts n short stops of one equipment into the records of a site.
func (s *site) many(n int) {
	s.t.Helper()
	c := store.Commit{Area: "northfield/packing", Pos: 1, Time: ago(0)}
	for i := range n {
		from := ago(time.Duration(n-i) * 10 * time.Second)
		stop := production.Stop{ID: fmt.Sprintf("stop-%04d", i), From: from, To: from.Add(6 * time.Second), State: plant.StateStopped, Loss: production.LossOther,
			Reason: "stopped", ReasonName: "stopped", ReasonSource: "state", Category: "other"}
		c.Stops = append(c.Stops, store.Stop{ID: stop.ID, Equipment: lineA + "/A1", Start: from, End: stop.To, State: "stopped", Category: "other", Body: encode(s.t, stop)})
	}
	if err := s.store.Commit(s.t.Context(), c); err != nil {
		s.t.Fatal(err)
	}
}
