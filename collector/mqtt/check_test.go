package mqtt_test

import (
	"testing"

	"andon/collector/mqtt"
	"andon/plant"
)

func TestThePlantOfTheTestsHasNoProblem(t *testing.T) {
	for name, c := range map[string]mqtt.Config{
		"broker": config("tcp://broker", counts),
		"other":  config("tcp://broker", mqtt.Subscription{Topic: "press/{tag}", Place: mqtt.Place{Site: "northfield", Area: "moulding", Line: "lineB", Equipment: "B1"}}),
	} {
		if got := c.Check(name, northfield(t)); len(got) > 0 {
			t.Errorf("%s: got %v, want no problem", name, got.Err())
		}
	}
}

func TestEveryPlaceAndTagThatThePlantHasNotIsToldAtOnce(t *testing.T) {
	fields := func(names ...string) map[string]string {
		m := map[string]string{}
		for _, n := range names {
			m[n] = "value"
		}
		return m
	}
	c := config("tcp://broker",
		mqtt.Subscription{Topic: "one", Equipment: "northfield/packing/lineB/B1", Tags: fields("anything")},
		mqtt.Subscription{Topic: "two/{area}/{line}/{equipment}", Place: mqtt.Place{Site: "southfield"}},
		mqtt.Subscription{Topic: "three/{equipment}", Place: mqtt.Place{Area: "packing", Line: "lineB"}},
		mqtt.Subscription{Topic: "four/{area}/{line}", Place: mqtt.Place{Equipment: "A9", Tag: "total"}},
		mqtt.Subscription{Topic: "five/{equipment}", Place: mqtt.Place{Area: "packing", Line: "lineA"}, Tags: fields("total", "rejects", "stat")},
		mqtt.Subscription{Topic: "six", Equipment: a3, Place: mqtt.Place{Tag: "Total"}},
		mqtt.Subscription{Topic: "a bad {one}", Equipment: a3}, // Validate tells
		mqtt.Subscription{Topic: "shellies/press4/energy", Equipment: a3},
	)
	got := problems(c.Check("broker", northfield(t)))
	want := `subscriptions[0].equipment: want the path of an equipment, not "northfield/packing/lineB/B1": area northfield/packing has no line "lineB"
subscriptions[1].place.site: want northfield, which is the site, or nothing; not "southfield"
subscriptions[2].place.line: want one of those that northfield/packing has (lineA), not "lineB"
subscriptions[3].place.equipment: want one of those that northfield/+/+ has (A3, A4, B1, B4), not "A9"
subscriptions[4].tags.rejects: want one of the tags of northfield/packing/lineA/+ (state, stop_reason, total, reject), not "rejects"
subscriptions[4].tags.stat: want one of the tags of northfield/packing/lineA/+ (state, stop_reason, total, reject), not "stat"
subscriptions[5].place.tag: want one of the tags of northfield/packing/lineA/A3 (state, stop_reason, total, reject), not "Total"
plant.areas[1].lines[0].equipment[1].tags[0].address: want a topic of its own, shellies/press4/energy is read for subscriptions[7] of its source already`
	if got != want {
		t.Errorf("got problems\n%s\nwant\n%s", got, want)
	}
}

func TestATagsAddressIsATopicOfItsOwn(t *testing.T) {
	tree, err := plant.NewTree(plant.Config{Site: "northfield", Zone: "UTC", Areas: []plant.AreaConfig{{Name: "packing", Lines: []plant.LineConfig{
		{Name: "lineA", Equipment: []plant.EquipmentConfig{{Name: "A1", Source: "broker", Tags: []plant.TagConfig{
			{Name: "total", Address: "a1/total"}, {Name: "reject", Address: "a1/+"}, {Name: "good", Address: "a1/total"}}}}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	got := problems(config("tcp://broker").Check("broker", tree))
	want := `plant.areas[0].lines[0].equipment[0].tags[1].address: want the topic of one value, without + # { }, not "a1/+"
plant.areas[0].lines[0].equipment[0].tags[2].address: want a topic of its own, a1/total is read for northfield/packing/lineA/A1/total already`
	if got != want {
		t.Errorf("got problems\n%s\nwant\n%s", got, want)
	}
	if got, want := problems(config("tcp://broker").Check("other", tree)), "subscriptions: want at least one, or tags with a topic as address"; got != want {
		t.Errorf("a source that reads nothing: got %s, want %s", got, want)
	}
}
