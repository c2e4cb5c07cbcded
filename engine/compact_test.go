package engine

import (
	"reflect"
	"testing"

	"andon/plant"
	"andon/production"

	"github.com/google/go-cmp/cmp"
)

// fill gives each field of v a value of its own, from n on, so that none can
// be forgotten or mistaken for another.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n%2*2-1) * int64(*n) << (*n % 40))
	case reflect.Uint8:
		v.SetUint(uint64(*n%250) + 1)
	case reflect.Float64:
		v.SetFloat(float64(*n) / 3)
	case reflect.String:
		v.SetString(string(rune('a'+*n%26)) + string(rune('a'+*n/26)))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
	default:
		panic(v.Type().String())
	}
}

func TestAScreenShowsALineAsItWasWorkedOut(t *testing.T) {
	var full production.Live
	n := 0
	fill(reflect.ValueOf(&full).Elem(), &n)
	if n < 400 {
		t.Fatalf("fields of a screen: got %d, want hundreds", n)
	}
	stopped := production.Live{Equipment: &plant.Equipment{Path: "s/a/l/e"}, State: plant.StateFault, KPI: production.KPI{Availability: production.Ratio{OK: true}}}
	var c compactor
	want := []production.Live{full, {}, stopped, full}
	first := c.make(want)
	c.make([]production.Live{stopped, {}, {}, stopped}) // the next line: it takes nothing from the first
	var got []production.Live
	if !first.all(func(l production.Live) bool { got = append(got, l); return true }) {
		t.Error("all: got false, want true")
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(), cmp.Comparer(func(a, b *plant.Equipment) bool { return a == b }), cmp.Comparer(func(a, b *plant.Line) bool { return a == b })); diff != "" {
		t.Errorf("line (-worked out +shown):\n%s", diff)
	}
}

func TestWhoHasSeenEnoughOfALineIsShownNoMore(t *testing.T) {
	var c compactor
	seen := 0
	if c.make(make([]production.Live, 3)).all(func(production.Live) bool { seen++; return seen < 2 }) || seen != 2 {
		t.Errorf("all: got true or %d shown, want false after 2", seen)
	}
}
