package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
	"andon/store"
)

const startOrder = `{"action":"start","line":"northfield/packing/lineA","order":"PO-9","product":"P500","quantity":5000,
	"from":"2026-03-02T09:00:00Z","user":"Anna","comment":"rush"}`

func TestAForemanStartsAnOrder(t *testing.T) {
	s := full(t, nil)
	got := decode[struct{ Line, Order, Command, User string }](t, s.expect(s.ask(ack("/api/v1/orders", startOrder)), http.StatusOK))
	given := s.engine.given()
	if len(given) != 1 {
		t.Fatalf("commands: got %d, want 1", len(given))
	}
	c := given[0]
	if c.Verb != plant.VerbOrderStart || c.Target != lineA || c.User != "Anna" || c.Comment != "rush" || c.ID != got.Command {
		t.Errorf("command: got %+v, want the start of an order on %s by Anna", c, lineA)
	}
	if want := `{"order":"PO-9","product":"P500","quantity":5000,"from":"2026-03-02T09:00:00Z"}`; string(c.Args) != want {
		t.Errorf("arguments: got %s, want %s", c.Args, want)
	}
}

func TestOrdersThatAreRefusedSayWhy(t *testing.T) {
	for _, c := range []struct {
		body   string
		refuse error
		status int
		code   string
	}{
		{`{"action":"sell","line":"` + lineA + `","user":"A"}`, nil, 400, "bad_order"},
		{`{"action":"start","line":"` + lineA + `"}`, nil, 400, "bad_user"},
		{`{"action":"start","line":"` + lineA + `/A1","user":"A"}`, nil, 404, "unknown_line"},
		{startOrder, fmt.Errorf("x: %w", production.ErrBadOrder), 400, "bad_order"},
		{startOrder, fmt.Errorf("x: %w", production.ErrUnknownOrder), 409, "unknown_order"},
		{startOrder, fmt.Errorf("x: %w", production.ErrOrderRuns), 409, "order_runs"},
	} {
		s := full(t, nil)
		s.engine.refuse = c.refuse
		body := s.expect(s.ask(ack("/api/v1/orders", c.body)), c.status)
		if !strings.Contains(body, `"`+c.code+`"`) {
			t.Errorf("%s: got %s, want code %s", c.body, body, c.code)
		}
	}
}

func TestOrdersOfALineEndWhereTheNextBegins(t *testing.T) {
	s := full(t, nil)
	var rows []store.Order
	for i, name := range []string{"PO-1", "PO-2"} {
		o := production.OrderRecord{ID: name, Line: lineA, Order: name, From: plant.At(wall.Add(time.Duration(i-2) * time.Hour)), User: "Anna"}
		body, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, store.Order{ID: o.ID, Line: o.Line, Start: o.From, Body: body})
	}
	if err := s.store.Commit(t.Context(), store.Commit{Area: "packing", Pos: 1000, Time: plant.At(wall), Orders: rows}); err != nil {
		t.Fatal(err)
	}
	got := decode[struct {
		Orders []struct {
			Order   string
			To      *time.Time
			Running bool
		}
	}](t, s.expect(s.get("/api/v1/orders?equipment="+lineA), http.StatusOK)).Orders
	if len(got) != 2 || got[0].Running || got[0].To == nil || !got[0].To.Equal(wall.Add(-time.Hour)) || !got[1].Running || got[1].To != nil {
		t.Errorf("got %+v, want PO-1 up to an hour ago and PO-2 running", got)
	}
	if other := s.expect(s.get("/api/v1/orders?equipment="+lineB), http.StatusOK); !strings.Contains(other, `"orders":[]`) {
		t.Errorf("other line: got %s, want none", other)
	}
}
