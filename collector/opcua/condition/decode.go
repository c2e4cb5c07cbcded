// Package condition asks OPC UA servers for the events of their alarms and
// conditions (OPC 10000-9), and makes out what they mean to andon. It knows no
// session and no subscription.
package condition

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/skim"
	"andon/collector/opcua/wire"
	"andon/plant"
)

// MostSevere is the highest severity that there is; 1 is the least.
const MostSevere = 1000

// What of an event's texts is kept, in bytes.
const (
	maxName    = 512
	maxMessage = 2048
	maxID      = 64
)

// A Notice is what an event means to its source.
type Notice uint8

// The notices that there are.
const (
	NoticeNone      Notice = iota // nothing: it is no condition, or an old branch of one
	NoticeCondition               // a condition of the server
	NoticeStart                   // a refresh begins
	NoticeEnd                     // a refresh ends
	NoticeRequired                // the server wants to be asked for a refresh
	NoticeOverflow                // the server's queue lost events
)

// Why an event that should be of a condition says nothing of it.
var (
	errNoCondition = errors.New("event without the node id of its condition")
	errNoState     = errors.New("event without the state of its condition")
)

// A Decoder makes events of what a server sends. It may be used by several
// goroutines as long as it is not changed.
type Decoder struct {
	Source       string        // whose name the events get
	Past, Future time.Duration // how far a time may be from that of receipt
	MinSeverity  uint16        // of what is of interest, 1 to MostSevere; 0 for all
	Namespaces   []string      // of the server, by their index
}

// Decode makes out an event that came in at received, and says what it means. The
// error is of this event alone: it should be of a condition and says nothing of
// it. A time too far from received becomes received.
func (d *Decoder) Decode(e *wire.RawEvent, received time.Time) (plant.Event, Notice, error) {
	x := plant.Event{Source: d.Source, Received: plant.At(received), Time: d.time(e, received)}
	typ, _ := nodeIDOf(e.Field(eventType))
	if n := noticeOf(typ); n != NoticeNone {
		switch n {
		case NoticeStart:
			x.Kind = plant.EventRefreshStart
		case NoticeEnd:
			x.Kind = plant.EventRefreshEnd
		}
		x.Time = x.Received // of ours, not of the server's clock
		return x, n, nil
	}
	condition, ok := nodeIDOf(e.Field(eventCondition))
	if !ok {
		if e.Field(eventRetain) == nil {
			return x, NoticeNone, nil // no event of a condition at all
		}
		return x, NoticeNone, errNoCondition
	}
	if branch, ok := nodeIDOf(e.Field(eventBranch)); ok && !skim.IsNullID(branch) {
		return x, NoticeNone, nil
	}
	x.Kind, x.Condition, x.Type = plant.EventCondition, d.text(condition), d.text(typ)
	if len(x.Condition) > maxName {
		return x, NoticeNone, fmt.Errorf("node id of a condition of %d bytes: want at most %d", len(x.Condition), maxName)
	}
	d.describe(&x, e)
	if !d.judge(&x, e) {
		return x, NoticeNone, errNoState
	}
	return x, NoticeCondition, nil
}

// describe takes the fields that an event may be without.
func (d *Decoder) describe(x *plant.Event, e *wire.RawEvent) {
	if node, ok := nodeIDOf(e.Field(eventSourceNode)); ok {
		x.Node = short(d.text(node), maxName)
	}
	x.Name = short(textOf(e.Field(eventConditionName)), maxName)
	x.NodeName = short(withoutIndex(textOf(e.Field(eventSourceName))), maxName)
	x.Message = short(textOf(e.Field(eventMessage)), maxMessage)
	x.Severity = severityOf(e.Field(eventSeverity))
	if v := e.Field(eventID); v != nil {
		if b, ok := v.Value().([]byte); ok {
			x.ID = hex.EncodeToString(b[:min(len(b), maxID)])
		}
	}
}

// withoutIndex cuts off the index of a namespace that some servers put before a
// name, as in 1:Tank. After their next start it may be another.
func withoutIndex(name string) string {
	index, rest, ok := strings.Cut(name, ":")
	if _, err := strconv.ParseUint(index, 10, 16); !ok || err != nil || rest == "" {
		return name
	}
	return rest
}

// judge finds out whether the condition holds; false when the event does not
// say.
func (d *Decoder) judge(x *plant.Event, e *wire.RawEvent) bool {
	retain, saysRetain := boolOf(e.Field(eventRetain))
	active, saysActive := boolOf(e.Field(eventActive))
	if !saysRetain && !saysActive {
		return false
	}
	x.Acked, _ = boolOf(e.Field(eventAcked))
	x.Suppressed, _ = boolOf(e.Field(eventSuppressed))
	x.Retain = retain || !saysRetain
	// A condition that is no alarm has no active state: it is of interest, or
	// it is over.
	x.Active = active || !saysActive && retain
	if enabled, known := boolOf(e.Field(eventEnabled)); known && !enabled {
		x.Active, x.Retain = false, false
	}
	if x.Active && x.Severity < d.MinSeverity {
		x.Retain = false // of no interest to us; a server that leaves these out itself does not send it
	}
	return true
}

// time is the time of an event, or that of its receipt when it makes no sense.
func (d *Decoder) time(e *wire.RawEvent, received time.Time) plant.Instant {
	v := e.Field(eventTime)
	if v == nil {
		return plant.At(received)
	}
	t, ok := v.Value().(time.Time)
	if !ok || t.IsZero() || t.Before(received.Add(-d.Past)) || t.After(received.Add(d.Future)) {
		return plant.At(received)
	}
	return plant.At(t)
}

// noticeOf returns what the type of an event alone says.
func noticeOf(typ *ua.NodeID) Notice {
	if typ == nil || typ.Namespace() != 0 {
		return NoticeNone
	}
	switch typ.IntID() {
	case id.RefreshStartEventType:
		return NoticeStart
	case id.RefreshEndEventType:
		return NoticeEnd
	case id.RefreshRequiredEventType:
		return NoticeRequired
	case id.EventQueueOverflowEventType:
		return NoticeOverflow
	}
	return NoticeNone
}

// text names a node by the URI of its namespace, whose index may be another
// after the server's next start.
func (d *Decoder) text(n *ua.NodeID) string {
	if n == nil {
		return ""
	}
	text := clean(n.String())
	ns := int(n.Namespace())
	if ns == 0 || ns >= len(d.Namespaces) {
		return text
	}
	_, rest, _ := strings.Cut(text, ";")
	return "nsu=" + clean(d.Namespaces[ns]) + ";" + rest
}

func nodeIDOf(v *ua.Variant) (*ua.NodeID, bool) {
	if v == nil {
		return nil, false
	}
	switch n := v.Value().(type) {
	case *ua.NodeID:
		return n, !skim.IsNullID(n)
	case *ua.ExpandedNodeID:
		return n.NodeID, !skim.IsNullID(n.NodeID)
	}
	return nil, false
}

func boolOf(v *ua.Variant) (value, known bool) {
	if v == nil {
		return false, false
	}
	value, known = v.Value().(bool)
	return value, known
}

func textOf(v *ua.Variant) string {
	x, err := wire.Scalar(v)
	if err != nil {
		return ""
	}
	text, _ := x.Text()
	return clean(text)
}

// clean makes text that every consumer can hold.
func clean(text string) string { return strings.ToValidUTF8(text, "�") }

// short cuts text off after at most n bytes, not within a character.
func short(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}

// severityOf returns a severity of 1 to 1000, 0 for none that makes sense.
func severityOf(v *ua.Variant) uint16 {
	x, err := wire.Scalar(v)
	n, ok := x.Int()
	if v == nil || err != nil || !ok || n < 0 || n > math.MaxUint16 {
		return 0
	}
	return uint16(min(n, MostSevere))
}
