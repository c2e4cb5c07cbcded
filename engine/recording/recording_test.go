package recording

import (
	"errors"
	"io"
	"strings"
	"testing"

	"andon/plant"
	"andon/production/productiontest"
)

func read(t *testing.T, text string) ([]plant.Sample, error) {
	t.Helper()
	r := New(strings.NewReader(text), northfield(t))
	var all []plant.Sample
	for {
		s, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		all = append(all, s)
	}
}

func TestARecordingIsReadLineByLine(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		value  plant.Value
		status plant.Status
	}{
		"a sample":                     {stateOfA1 + `}`, plant.Int(6), plant.Good},
		"with a status":                {stateOfA1 + `,"status":"uncertain"}`, plant.Int(6), plant.Uncertain},
		"with the number of a status":  {stateOfA1 + `,"status":"0x80310000"}`, plant.Int(6), plant.BadNoCommunication},
		"written on Windows":           {"\r\n" + stateOfA1 + "}\r\n\r\n", plant.Int(6), plant.Good},
		"between blank lines":          {"\n\n" + stateOfA1 + "}\n\n", plant.Int(6), plant.Good},
		"a word for a number":          {strings.Replace(stateOfA1, ":6", `:"six"`, 1) + `}`, plant.Value{}, plant.BadTypeMismatch},
		"no value though it is good":   {strings.Replace(stateOfA1, `,"value":6`, "", 1) + `}`, plant.Value{}, plant.BadTypeMismatch},
		"read from a server's history": {stateOfA1 + `,"backfilled":true}`, plant.Int(6), plant.Good},
		"after a gap":                  {`{"gap":{"area":"northfield/packing","source":"plc-a","cause":"outage","tags":3}}` + "\n" + stateOfA1 + `}`, plant.Int(6), plant.Good},
		"a lost connection, no value":  {strings.Replace(stateOfA1, `,"value":6`, "", 1) + `,"status":"bad_no_communication"}`, plant.Value{}, plant.BadNoCommunication},
		"a broken sensor, null for it": {strings.Replace(stateOfA1, ":6", ":null", 1) + `,"status":"bad_sensor_failure"}`, plant.Value{}, plant.BadSensorFailure},
	} {
		got, err := read(t, c.text)
		if err != nil || len(got) != 1 {
			t.Errorf("%s: got %v, %v; want one sample", name, got, err)
			continue
		}
		if s := got[0]; s.Value != c.value || s.Status != c.status || s.Time != productiontest.Start || s.Tag.Role != plant.RoleState {
			t.Errorf("%s: got %v %v of %s at %s, want %v %v", name, s.Value, s.Status, s.Tag.Path, s.Time, c.value, c.status)
		}
	}
}

func TestATagThatThePlantDoesNotKnowIsKeptDetached(t *testing.T) {
	old := strings.Replace(stateOfA1, "A1/state", "A9/torque", 1) + "}\n"
	got, err := read(t, old+old)
	if err != nil || len(got) != 2 {
		t.Fatalf("got %v, %v; want two samples", got, err)
	}
	if tag := got[0].Tag; tag.ID != -1 || tag.Path != "northfield/packing/lineA/A9/torque" || tag != got[1].Tag {
		t.Errorf("tags: got %+v and %+v, want one, of no tree", tag, got[1].Tag)
	}
}

func TestABadLineOfARecordingIsNamed(t *testing.T) {
	for name, c := range map[string]struct{ bad, want string }{
		"no JSON":          {"tag,ts,value", "JSON"},
		"cut off":          {stateOfA1, "JSON"},
		"no time":          {`{"tag":"` + productiontest.A1 + `/state","value":6}`, "ts"},
		"no such status":   {stateOfA1 + `,"status":"fine"}`, "status"},
		"a short tag":      {strings.Replace(stateOfA1, "/lineA", "", 1) + "}", "site/area/line/equipment/tag"},
		"a list":           {strings.Replace(stateOfA1, ":6", ":[6]", 1) + "}", "value"},
		"no end of a line": {strings.Repeat("x", 2<<20), "too long"},
	} {
		got, err := read(t, stateOfA1+"}\n\n"+c.bad+"\n")
		if err == nil || len(got) != 1 || !strings.HasPrefix(err.Error(), "line 3: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %d samples and %v; want one and an error of line 3 that says %q", name, len(got), err, c.want)
		}
	}
}

func FuzzRecording(f *testing.F) {
	f.Add([]byte(stateOfA1 + "}\r\n\n" + stateOfA1 + `,"status":"0x80310000"}`))
	f.Add([]byte(`{"tag":"a/b/c/d/e","ts":"9999-12-31T23:59:59Z","value":1e300}`))
	f.Add([]byte(strings.Replace(stateOfA1, ":6", ":null", 1) + `,"status":"bad"}`))
	tree := northfield(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		r := New(strings.NewReader(string(text)), tree)
		for {
			s, err := r.Next()
			if err != nil {
				return
			}
			if s.Tag == nil || s.Tag.Equipment.Line.Area == nil || s.Time == 0 {
				t.Fatalf("got %+v, want a sample of a place at a time", s)
			}
			if _, ok := s.Value.As(s.Tag.Type); !ok && s.Value.Kind() != plant.KindNone {
				t.Fatalf("%s: got a value of kind %s, want %s", s.Tag.Path, s.Value.Kind(), s.Tag.Type)
			}
		}
	})
}
