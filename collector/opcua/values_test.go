package opcua_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

var (
	modeType      = ua.NewNumericNodeID(2, 3001)
	driveType     = ua.NewNumericNodeID(2, 3002)
	motorType     = ua.NewNumericNodeID(2, 3003)
	driveEncoding = ua.NewNumericNodeID(2, 5002)
	motorEncoding = ua.NewNumericNodeID(2, 5003)
)

func ns0(n uint32) *ua.NodeID { return ua.NewNumericNodeID(0, n) }

// member is a field of a structure; rank -1 is a scalar.
func member(name string, typ *ua.NodeID, rank int32) *ua.StructureField {
	return &ua.StructureField{Name: name, DataType: typ, ValueRank: rank, Description: ua.NewLocalizedText("")}
}

func structure(encoding *ua.NodeID, fields ...*ua.StructureField) *ua.StructureDefinition {
	return &ua.StructureDefinition{DefaultEncodingID: encoding, BaseDataType: ns0(id.Structure), Fields: fields}
}

func enumeration(names ...string) *ua.EnumDefinition {
	d := &ua.EnumDefinition{}
	for i, name := range names {
		d.Fields = append(d.Fields, &ua.EnumField{Value: int64(i), Name: name, DisplayName: ua.NewLocalizedText(name), Description: ua.NewLocalizedText("")})
	}
	return d
}

// withMotors gives the server the types Mode, Drive and Motor: a structure with
// a name, a mode and drives.
func (r *rig) withMotors() {
	r.server.AddType(modeType, ns0(id.Enumeration), enumeration("Off", "Auto", "Hand"))
	r.server.AddType(driveType, ns0(id.Structure), structure(driveEncoding, member("speed", ns0(id.Duration), -1), member("temps", ns0(id.Float), 1)))
	r.server.AddType(ns0(id.Duration), ns0(id.Double), nil)
	r.server.AddType(motorType, ns0(id.Structure), structure(motorEncoding, member("name", ns0(id.String), -1), member("mode", modeType, -1), member("drives", driveType, 1)))
}

// aMotor is a Motor with one drive.
func aMotor(name string, mode int32, speed float64) *ua.ExtensionObject {
	return opcuatest.Structure(motorEncoding, name, mode, int32(1), speed, int32(2), float32(20.5), float32(21.5))
}

// part is the tag of a part of a node of add's.
func (r *rig) part(name string, kind plant.Kind, path, node string) *plant.Tag {
	r.t.Helper()
	return r.addTag(name, kind, "part="+path+";ns=2;s=LineA.A1."+node)
}

func TestElementsOfAnArrayAreTags(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	r.server.Add("LineA.A1.Temps", []float64{20.5, 21.5, 22.5})
	r.server.Add("LineA.A1.Grid", [][]int32{{1, 2}, {3, 4}})
	first, last := r.part("temp0", plant.KindFloat, "[0]", "Temps"), r.part("temp2", plant.KindFloat, "[2]", "Temps")
	cell, beyond := r.part("cell", plant.KindInt, "[1,0]", "Grid"), r.part("temp3", plant.KindFloat, "[3]", "Temps")
	r.start()
	r.sink.WaitValue(t, first, plant.Float(20.5))
	r.sink.WaitValue(t, last, plant.Float(22.5))
	r.sink.WaitValue(t, cell, plant.Int(3))
	r.wait("the missing element", func() bool { return len(r.samples(beyond)) > 0 })
	if got := r.samples(beyond)[0]; got.Status != plant.Status(ua.StatusBadIndexRangeNoData) || got.Value.Kind() != plant.KindNone {
		t.Errorf("element 3 of 3: got %v with status %v, want no value", got.Value, got.Status)
	}
	if got := r.status.Health("").Troubles; len(got) != 1 || !strings.Contains(got[beyond.Path], "array of 3") {
		t.Errorf("tags in trouble: got %v, want %s", got, beyond.Path)
	}
	if err := r.server.Set("LineA.A1.Temps", opcuatest.Value{V: []float64{20.5, 21.5, 30, 40}}); err != nil {
		t.Fatal(err)
	}
	r.sink.WaitValue(t, last, plant.Float(30))
	r.sink.WaitValue(t, beyond, plant.Float(40))
	r.wait("no trouble", func() bool { return len(r.status.Health("").Troubles) == 0 })
}

func TestFieldsOfStructuresAreTags(t *testing.T) {
	t.Parallel()
	for _, polled := range []bool{false, true} {
		r := newRig(t, opcuatest.Options{})
		r.withMotors()
		r.server.Add("LineA.A1.Motor", aMotor("M1", 1, 1500))
		r.server.SetDataType("LineA.A1.Motor", motorType)
		r.server.Add("LineA.A1.Generic", aMotor("M2", 2, 900))
		r.server.SetDataType("LineA.A1.Generic", ns0(id.Structure))
		speed, temp := r.part("speed", plant.KindFloat, "drives[0].speed", "Motor"), r.part("temp", plant.KindFloat, "drives[0].temps[1]", "Motor")
		name, mode := r.part("name", plant.KindText, "name", "Motor"), r.part("mode", plant.KindText, "mode", "Motor")
		code, generic := r.part("code", plant.KindInt, "mode", "Motor"), r.part("generic", plant.KindFloat, "drives[0].speed", "Generic")
		if polled {
			r.config.Polled = []opcua.Poll{{Tags: "northfield/packing/lineA/A1/*", Interval: 100 * time.Millisecond}}
		}
		r.start()
		r.sink.WaitValue(t, speed, plant.Float(1500))
		r.sink.WaitValue(t, temp, plant.Float(21.5))
		r.sink.WaitValue(t, name, plant.Text("M1"))
		r.sink.WaitValue(t, mode, plant.Text("Auto"))
		r.sink.WaitValue(t, code, plant.Int(1))
		r.sink.WaitValue(t, generic, plant.Float(900))
		if err := r.server.Set("LineA.A1.Motor", opcuatest.Value{V: aMotor("M1", 2, 1600), Status: ua.StatusUncertainLastUsableValue}); err != nil {
			t.Fatal(err)
		}
		r.sink.WaitValue(t, speed, plant.Float(1600))
		r.sink.WaitValue(t, mode, plant.Text("Hand"))
		for _, tag := range r.tags {
			for _, s := range r.samples(tag) {
				if s.Status.IsBad() {
					t.Errorf("polled %v: %s: got %v with status %v, want none that is Bad", polled, tag.Name, s.Value, s.Status)
				}
			}
		}
	}
}

func TestNumbersHaveTheirNamesWhereATagIsText(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	r.withMotors()
	oldType := ua.NewNumericNodeID(2, 3010)
	r.server.AddType(oldType, ns0(id.Enumeration), nil)
	r.server.AddProperty(oldType, "EnumStrings", []*ua.LocalizedText{ua.NewLocalizedText("Halt"), ua.NewLocalizedText("Lauf")})
	mode, code := r.add("Mode", plant.KindText, int32(1)), r.add("Code", plant.KindInt, int32(1))
	old, step := r.add("Old", plant.KindText, int32(1)), r.add("Step", plant.KindText, uint16(30))
	plain, none := r.add("Plain", plant.KindText, int32(7)), r.add("None", plant.KindText, int32(9))
	for name, typ := range map[string]*ua.NodeID{"Mode": modeType, "Code": modeType, "Old": oldType, "None": modeType} {
		r.server.SetDataType("LineA.A1."+name, typ)
	}
	r.server.AddProperty(ua.NewStringNodeID(2, "LineA.A1.Step"), "EnumValues", []*ua.ExtensionObject{
		ua.NewExtensionObject(&ua.EnumValueType{Value: 30, DisplayName: ua.NewLocalizedText("Rinse"), Description: ua.NewLocalizedText("")}),
	})
	r.start()
	r.sink.WaitValue(t, mode, plant.Text("Auto"))
	r.sink.WaitValue(t, code, plant.Int(1))
	r.sink.WaitValue(t, old, plant.Text("Lauf"))
	r.sink.WaitValue(t, step, plant.Text("Rinse"))
	r.sink.WaitValue(t, plain, plant.Text("7"))
	r.sink.WaitValue(t, none, plant.Text("9")) // a number that the enumeration does not have
}

func TestTypesAreLearnedOfNodesThatComeLater(t *testing.T) {
	t.Parallel()
	for _, polled := range []bool{false, true} {
		r := newRig(t, opcuatest.Options{})
		r.withMotors()
		total := r.add("Total", plant.KindInt, int64(7))
		speed := r.part("speed", plant.KindFloat, "drives[0].speed", "Motor")
		if polled {
			r.config.Polled = []opcua.Poll{{Tags: "northfield/packing/lineA/A1/*", Interval: 100 * time.Millisecond}}
		}
		r.start()
		r.sink.WaitValue(t, total, plant.Int(7))
		r.wait("a tag in trouble", func() bool { return len(r.status.Health("").Troubles) == 1 })
		r.server.Add("LineA.A1.Motor", aMotor("M1", 1, 1500))
		r.server.SetDataType("LineA.A1.Motor", motorType)
		r.sink.WaitValue(t, speed, plant.Float(1500))
		r.wait("no trouble", func() bool { return len(r.status.Health("").Troubles) == 0 })
	}
}

func TestAStructureOfAnUnknownTypeIsTroubleOfItsOwnTag(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	r.withMotors()
	r.server.Add("LineA.A1.Motor", opcuatest.Structure(ua.NewNumericNodeID(2, 4711), int32(1)))
	r.server.SetDataType("LineA.A1.Motor", motorType)
	r.server.Add("LineA.A1.Short", opcuatest.Structure(motorEncoding, "M1", int32(1)))
	r.server.SetDataType("LineA.A1.Short", motorType)
	total := r.add("Total", plant.KindInt, int64(7))
	unknown, short := r.part("unknown", plant.KindFloat, "speed", "Motor"), r.part("short", plant.KindText, "name", "Short")
	r.start()
	r.sink.WaitValue(t, total, plant.Int(7))
	r.wait("tags in trouble", func() bool { return len(r.status.Health("").Troubles) == 2 })
	troubles := r.status.Health("").Troubles
	if !strings.Contains(troubles[unknown.Path], "ns=2;i=4711") || !strings.Contains(troubles[short.Path], "not as its type") || !strings.Contains(troubles[unknown.Path], "not known") {
		t.Errorf("got troubles %v", troubles)
	}
	for _, tag := range []*plant.Tag{unknown, short} {
		for _, s := range r.samples(tag) {
			if s.Value.Kind() != plant.KindNone || s.Status != plant.BadTypeMismatch {
				t.Errorf("%s: got %v with status %v, want nothing invented", tag.Name, s.Value, s.Status)
			}
		}
	}
}

func TestAVariableMayComeToHoldAnotherStructure(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	r.withMotors()
	valveEncoding, valveType := ua.NewNumericNodeID(2, 5004), ua.NewNumericNodeID(2, 3004)
	r.server.AddType(valveType, ns0(id.Structure), structure(valveEncoding, member("name", ns0(id.String), -1)))
	r.server.Add("LineA.A1.Any", aMotor("M1", 1, 1500))
	r.server.SetDataType("LineA.A1.Any", ns0(id.Structure))
	name := r.part("name", plant.KindText, "name", "Any")
	r.start()
	r.sink.WaitValue(t, name, plant.Text("M1"))
	set := func(v any) {
		if err := r.server.Set("LineA.A1.Any", opcuatest.Value{V: v}); err != nil {
			t.Fatal(err)
		}
	}
	learned := func() bool {
		set(opcuatest.Structure(valveEncoding, "V1"))
		set(opcuatest.Structure(valveEncoding, "V2"))
		for _, s := range r.samples(name) {
			if s.Value == plant.Text("V2") {
				return true
			}
		}
		return false
	}
	r.wait("a valve", learned)
	before := len(r.samples(name))
	set(aMotor("M2", 1, 1500))
	set(opcuatest.Structure(valveEncoding, "V3"))
	r.sink.WaitValue(t, name, plant.Text("V3"))
	for _, s := range r.samples(name)[before:] {
		if s.Status.IsBad() {
			t.Errorf("after both are known: got %v with status %v", s.Value, s.Status)
		}
	}
}

func TestAServerWithoutTypesIsReadAsBefore(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	text, number := r.add("Text", plant.KindText, "RUN"), r.add("Number", plant.KindText, int32(7))
	r.server.Intercept(fault[*ua.BrowseRequest](1, ua.StatusBadServiceUnsupported))
	r.start()
	r.sink.WaitValue(t, text, plant.Text("RUN"))
	r.sink.WaitValue(t, number, plant.Text("7"))
}
