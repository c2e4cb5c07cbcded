package opcua

import (
	"reflect"
	"testing"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"
)

var notificationID = ua.NewNumericNodeID(0, id.DataChangeNotification_Encoding_DefaultBinary)

func TestGopcuaReadsNotificationsOurWay(t *testing.T) {
	for range 2 { // a second session finds it done
		register()
		if !replace[*ua.DataChangeNotification, *dataChange](eotypes, notificationID) {
			t.Fatal("gopcua's registry of types is not what it was: adapt registry.go, or see what reading by reflection costs")
		}
	}
	got := new(ua.ExtensionObject)
	if _, err := got.Decode(encoded(t, ua.NewExtensionObject(notified(1.5, "RUN")))); err != nil {
		t.Fatal(err)
	}
	if c, ok := got.Value.(*dataChange); !ok || c.n != 2 {
		t.Errorf("decoded: got %T, want a *dataChange of 2 values", got.Value)
	}
	if _, err := got.Decode(encoded(t, ua.NewExtensionObject(&ua.ServerStatusDataType{BuildInfo: &ua.BuildInfo{}, ShutdownReason: &ua.LocalizedText{}}))); err != nil {
		t.Fatal(err)
	}
	if _, ok := got.Value.(*ua.ServerStatusDataType); !ok {
		t.Errorf("another type: got %T, want it as gopcua has it", got.Value)
	}
}

func TestGopcuaReadsResponsesToReadOurWay(t *testing.T) {
	register()
	_, resp, err := ua.DecodeService(service(t, readResponseOf(1.5, "RUN")))
	if err != nil {
		t.Fatal(err)
	}
	if r, ok := resp.(*readResponse); !ok || r.n != 2 {
		t.Errorf("decoded: got %T, want a *readResponse of 2 values: adapt registry.go, or a malformed value may end andon", resp)
	}
}

func TestARegistryThatIsNotGopcuasOfTodayIsLeftAlone(t *testing.T) {
	ours := func(r *ua.TypeRegistry) bool {
		return replace[*ua.DataChangeNotification, *dataChange](r, notificationID)
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
