package engine

import (
	"testing"

	"andon/production/review"
)

func TestASignOffOfALineIsOneLineOfTheHistory(t *testing.T) {
	d := NewDesk(NorthfieldConfig().Production, Northfield(t), nil)
	sign := func(name, undone string) EditView {
		return EditView{Edit: review.Edit{ID: "c1#" + name[1:], Command: "c1", Kind: review.KindSignOff, Equipment: "northfield/packing/lineA/" + name,
			From: at(0, 0), To: at(60, 0), Time: at(61, 0), User: "Anna"}, Status: review.Status{Undone: undone}}
	}
	other := EditView{Edit: review.Edit{ID: "c2", Command: "c2", Kind: review.KindComment, Equipment: "northfield/packing/lineA/A1", Time: at(62, 0)}, Text: "as it was"}
	got := d.ByCommand([]EditView{sign("A1", "u"), other, sign("A2", "u"), sign("A3", "")})
	if len(got) != 2 || got[0].ID != "c1" || got[0].Text != "Anna: A1, A2, A3 signed off from 09:00:00 to 10:00:00" || got[0].Status.Undone != "" || got[1].Text != "as it was" {
		t.Errorf("got %+v, want one line for the sign-off, which holds in part, and one for the comment", got)
	}
	got = d.ByCommand([]EditView{sign("A1", "u"), sign("A2", "u")})
	if len(got) != 1 || got[0].Status.Undone == "" {
		t.Errorf("all of it taken back: got %+v", got)
	}
}
