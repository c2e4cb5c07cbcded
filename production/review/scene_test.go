package review_test

import (
	"encoding/json"
	"flag"
	"os"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
	"andon/production/review"
)

// TestMain keeps the properties' share of the suite small; -rapid.checks
// still says otherwise.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "60"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// at is a time of the scripted hour.
func at(m, s int) plant.Instant {
	return productiontest.Start.Add(time.Duration(m)*time.Minute + time.Duration(s)*time.Second)
}

// later is after the hour, when people speak of it.
var later = at(180, 0)

func hourWindow() plant.Interval { return plant.Interval{From: at(0, 0), To: at(60, 0)} }

// config is Northfield's with the reasons that its people give besides.
func config() production.Config {
	c := productiontest.Config(productiontest.Start)
	packing := "northfield/packing/**"
	c.Reasons = append(c.Reasons,
		production.Reason{ID: "staff", Name: "People", Category: production.CategoryOther},
		production.Reason{ID: "wait_technician", Name: "Waiting for the technician", Parent: "staff", Category: production.CategoryFault},
		production.Reason{ID: "no_operator", Name: "No operator", Parent: "staff"},
		production.Reason{ID: "cleaning", Name: "Cleaning", Equipment: packing, Category: production.CategoryPlanned},
		production.Reason{ID: "adjusting", Name: "Adjusting", Category: production.CategoryChangeover},
		production.Reason{ID: "audit", Name: "Audit", Category: production.CategoryPlanned, RequiresComment: true},
		production.Reason{ID: "old", Name: "Old word", Category: production.CategoryOther, ValidTo: at(-60, 0).Time()},
		production.Reason{ID: "trial", Name: "Trial run", Category: production.CategoryOther, CountsAgainst: production.CountsNone},
	)
	return c
}

// A room is where people speak of the scripted hour.
type room struct {
	t     testing.TB
	tree  *plant.Tree
	area  *production.Area
	defs  *review.Definitions
	book  *review.Book
	stops map[string][]production.Stop
	pos   uint64
}

func newRoom(t testing.TB, area string) *room {
	t.Helper()
	cfg := config()
	tree, err := plant.NewTree(productiontest.Plant())
	if err != nil {
		t.Fatal(err)
	}
	r := &room{t: t, tree: tree, defs: review.NewDefinitions(cfg, tree), stops: map[string][]production.Stop{}}
	r.book = review.NewBook(r.defs, tree.FindArea(area))
	if r.area, err = production.New(cfg, tree, tree.FindArea(area)); err != nil {
		t.Fatal(err)
	}
	samples, contacts := productiontest.Northfield(tree, productiontest.Start), productiontest.Contacts(productiontest.Start)
	for now := at(0, 0); now <= at(61, 0); now = now.Add(time.Second) {
		i, j := 0, 0
		for i < len(samples) && samples[i].Time <= now {
			i++
		}
		for j < len(contacts) && contacts[j].Time <= now {
			j++
		}
		r.area.Apply(now, samples[:i], contacts[:j])
		r.area.Tick(now)
		samples, contacts = samples[i:], contacts[j:]
	}
	for _, s := range r.area.Drain().Stops {
		if !s.Void {
			r.stops[s.Equipment.Path] = append(r.stops[s.Equipment.Path], s)
		}
	}
	return r
}

// say gives a command and returns why it is refused.
func (r *room) say(verb, target string, args review.CommandArgs, comment string) error {
	r.t.Helper()
	r.pos++
	b, err := json.Marshal(args)
	if err != nil {
		r.t.Fatal(err)
	}
	return r.book.Command(later.Add(time.Duration(r.pos)), r.pos, plant.Command{ID: "c" + string(rune('a'+r.pos)), Verb: verb, Target: target,
		User: "Anna", Comment: comment, Time: later, Args: b})
}

func (r *room) must(verb, target string, args review.CommandArgs) {
	r.t.Helper()
	if err := r.say(verb, target, args, "as seen"); err != nil {
		r.t.Fatalf("%s: %v", verb, err)
	}
}

func (r *room) apply(path string) review.Result {
	return review.Apply(r.defs, review.Input{Equipment: path, Facts: r.facts(path), Stops: r.stops[path], Edits: r.book.Of(path)})
}

func (r *room) facts(path string) production.Facts {
	return r.area.Facts(r.tree.FindEquipment(path), hourWindow())
}

func (r *room) kpi(path string, f production.Facts) production.KPI {
	in := r.area.Definition(r.tree.FindEquipment(path), hourWindow(), "hour")
	in.Now, in.Facts = later, f
	return production.Compute(in)
}

func start(s plant.Instant) review.CommandArgs { return review.CommandArgs{Ref: review.Ref{Start: s}} }

// stopAt returns the one stop that begins at t.
func stopAt(t testing.TB, r review.Result, from plant.Instant) review.Stop {
	t.Helper()
	for _, s := range r.Stops {
		if s.From == from {
			return s
		}
	}
	t.Fatalf("no stop at %s", from)
	return review.Stop{}
}
