package wire

import (
	"reflect"
	"testing"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/opcuatest"
)

var notificationID = ua.NewNumericNodeID(0, id.DataChangeNotification_Encoding_DefaultBinary)

func TestGopcuaReadsNotificationsOurWay(t *testing.T) {
	for range 2 { // a second session finds it done
		Register()
		if !replace[*ua.DataChangeNotification, *DataChange](eotypes, notificationID) {
			t.Fatal("gopcua's registry of types is not what it was: adapt registry.go, or see what reading by reflection costs")
		}
	}
	got := new(ua.ExtensionObject)
	if _, err := got.Decode(opcuatest.Encode(t, ua.NewExtensionObject(opcuatest.Notification(1.5, "RUN")))); err != nil {
		t.Fatal(err)
	}
	if c, ok := got.Value.(*DataChange); !ok || c.N != 2 {
		t.Errorf("decoded: got %T, want a *DataChange of 2 values", got.Value)
	}
	if _, err := got.Decode(opcuatest.Encode(t, ua.NewExtensionObject(&ua.ServerStatusDataType{BuildInfo: &ua.BuildInfo{}, ShutdownReason: &ua.LocalizedText{}}))); err != nil {
		t.Fatal(err)
	}
	if _, ok := got.Value.(*ua.ServerStatusDataType); !ok {
		t.Errorf("another type: got %T, want it as gopcua has it", got.Value)
	}
}

func TestGopcuaReadsResponsesToReadOurWay(t *testing.T) {
	Register()
	_, resp, err := ua.DecodeService(service(t, readResponseOf(1.5, "RUN")))
	if err != nil {
		t.Fatal(err)
	}
	if r, ok := resp.(*ReadResponse); !ok || r.n != 2 {
		t.Errorf("decoded: got %T, want a *ReadResponse of 2 values: adapt registry.go, or a malformed value may end andon", resp)
	}
}

func TestARegistryThatIsNotGopcuasOfTodayIsLeftAlone(t *testing.T) {
	ours := func(r *ua.TypeRegistry) bool {
		return replace[*ua.DataChangeNotification, *DataChange](r, notificationID)
	}
	if ours(nil) {
		t.Error("no registry: got true")
	}
	r := ua.NewTypeRegistry()
	if ours(r) || r.New(notificationID) != nil {
		t.Errorf("a registry that does not know the id: got %T of it", r.New(notificationID))
	}
	if err := r.Register(notificationID, &ua.StatusChangeNotification{}); err != nil {
		t.Fatal(err)
	}
	if ours(r) {
		t.Error("a registry with another type: got true")
	}
	if _, ok := r.New(notificationID).(*ua.StatusChangeNotification); !ok {
		t.Errorf("a registry with another type: got %T, want it kept", r.New(notificationID))
	}
	var s struct{ mu, types int }
	if _, ok := field[map[string]reflect.Type](reflect.ValueOf(&s).Elem(), "types"); ok {
		t.Error("a field of another type: got it")
	}
	if _, ok := field[int](reflect.ValueOf(&s).Elem(), "maps"); ok {
		t.Error("a field of another name: got it")
	}
}
