package opcua

import (
	"context"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/wire"
)

// deny notes that the server does not monitor x, for the reason that status
// names. Contacts would say that its last value still holds, so the Sink is told
// once that it has none; at once where the node is to blame, else when a second
// try failed too.
func (t *items) deny(x *item, status ua.StatusCode) {
	t.mu.Lock()
	defer t.mu.Unlock()
	x.gone = false
	if !x.unknown && (nodeTrouble(status) || x.reason != "") {
		x.unknown = true
		t.denials.Add(x.handle, &wire.DataValue{Status: status})
	}
}

// tellDenials hands what deny noted to the writer.
func (t *items) tellDenials(ctx context.Context) {
	t.mu.Lock()
	c := t.denials
	t.denials = wire.DataChange{}
	t.mu.Unlock()
	if c.N > 0 {
		t.sub.tell(ctx, message{data: c.Wrapped()})
	}
}
