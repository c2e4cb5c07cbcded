// Package wire has what an OPC UA server sends with values in it: messages that
// stay as they came, for the cost of their bytes, and are taken apart when
// somebody wants to know. gopcua's own types believe what a server claims, take
// ten times as long and allocate for each value.
package wire

import (
	"reflect"
	"sync"
	"unsafe" // also for go:linkname

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"
)

// eotypes is gopcua's registry of the Go types that it decodes extension
// objects into. It is the one way to what nearly all the work of its decoding
// is: RegisterExtensionObject refuses another type for an id that it knows, the
// secure channel decrypts and decodes in one go, and a dialer cannot put a
// connection of its own in between. Without the variable in gopcua this one is
// nil, for the linker then takes it for ours. A test notices that, and the
// decoding is gopcua's again.
//
//go:linkname eotypes github.com/gopcua/opcua/ua.eotypes
var eotypes *ua.TypeRegistry

// svcreg is the same for the responses of services.
//
//go:linkname svcreg github.com/gopcua/opcua/ua.svcreg
var svcreg *ua.TypeRegistry

// Register has gopcua decode what has values in it into types of ours: what a
// server sends as a DataChangeNotification, HistoryData, an EventNotificationList,
// a ReadResponse and a CallResponse. That holds for the whole process, in which
// nobody else reads them; encoding is as before. It is safe for concurrent use,
// also with clients and servers that run.
func Register() {
	replace[*ua.DataChangeNotification, *DataChange](eotypes, ua.NewNumericNodeID(0, id.DataChangeNotification_Encoding_DefaultBinary))
	replace[*ua.HistoryData, *HistoryData](eotypes, ua.NewNumericNodeID(0, id.HistoryData_Encoding_DefaultBinary))
	replace[*ua.EventNotificationList, *EventList](eotypes, ua.NewNumericNodeID(0, id.EventNotificationList_Encoding_DefaultBinary))
	replace[*ua.ReadResponse, *ReadResponse](svcreg, ua.NewNumericNodeID(0, id.ReadResponse_Encoding_DefaultBinary))
	replace[*ua.CallResponse, *callResponse](svcreg, ua.NewNumericNodeID(0, id.CallResponse_Encoding_DefaultBinary))
}

// replace has r make values of the type Ours for an id, where it made some of
// the type Theirs. It reports false, and changes nothing, where r is not what it
// was when this was written.
func replace[Theirs, Ours any](r *ua.TypeRegistry, node *ua.NodeID) bool {
	if r == nil {
		return false
	}
	v := reflect.ValueOf(r).Elem()
	mu, ok := field[sync.Mutex](v, "mu")
	if !ok {
		return false
	}
	types, ok := field[map[string]reflect.Type](v, "types")
	if !ok {
		return false
	}
	mu.Lock()
	defer mu.Unlock()
	key, ours := node.String(), reflect.TypeFor[Ours]()
	switch (*types)[key] {
	case reflect.TypeFor[Theirs]():
		(*types)[key] = ours
		return true
	case ours:
		return true
	}
	return false
}

// field returns the address of a field of a struct, whether it is exported or
// not; false when there is none of that name and type.
func field[T any](v reflect.Value, name string) (*T, bool) {
	f := v.FieldByName(name)
	if !f.IsValid() || f.Type() != reflect.TypeFor[T]() {
		return nil, false
	}
	return (*T)(unsafe.Pointer(f.UnsafeAddr())), true
}
