package engine

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
)

func TestAnOrderThatAForemanStartsIsKeptAndCountsFromThen(t *testing.T) {
	s := newStation(t, "packing")
	msgs := s.hour()
	line := s.tree.FindEquipment(productiontest.A1).Line.Path
	half := slices.IndexFunc(msgs, func(m plant.Message) bool { return m.Time == at(50, 0) })
	msgs = slices.Insert(msgs, half, plant.Message{Time: at(50, 0), Kind: plant.KindCommand, Command: &plant.Command{
		ID: "c1", Verb: plant.VerbOrderStart, Target: line, User: "Anna", Time: at(50, 0),
		Args: json.RawMessage(`{"order":"PO-9","product":"P1000","quantity":100}`)}})
	for i := range msgs {
		msgs[i].Pos = uint64(i + 1)
	}
	s.feed(msgs[:half+100], 500)
	s.restart() // the order is in the snapshot
	s.feed(msgs, 500)
	rows, err := s.store.Orders(t.Context(), line)
	if err != nil || len(rows) != 2 {
		t.Fatalf("orders of the line: got %d, %v, want the one that ended and the one that began", len(rows), err)
	}
	var before, o production.OrderRecord
	if err := errors.Join(json.Unmarshal(rows[0].Body, &before), json.Unmarshal(rows[1].Body, &o)); err != nil {
		t.Fatal(err)
	}
	if before.Order != "PO-1002" || before.To != at(50, 0) {
		t.Errorf("order before: got %+v, want PO-1002 up to 08:50", before)
	}
	if o.Order != "PO-9" || o.User != "Anna" || rows[1].Start != at(50, 0) {
		t.Errorf("order: got %+v, want PO-9 of Anna from 08:50", o)
	}
	for _, l := range s.r.core.prod.Live(at(60, 0)) {
		if l.Equipment.Path == productiontest.A1 && l.Order != "PO-9" {
			t.Errorf("%s runs %q, want PO-9", l.Equipment.Path, l.Order)
		}
	}
}
