package mqtt

import "strings"

// A reason is why a message, or a part of it, could not be taken. It is a
// label of the metrics.
type reason uint8

const (
	reasonNone             reason = iota
	reasonMalformed               // the payload is not what the subscription says
	reasonTooLarge                // longer than max_payload
	reasonEmpty                   // no payload, as when a retained message is deleted
	reasonUnrouted                // matches no subscription
	reasonUnknownEquipment        // the tree has no such equipment
	reasonUnknownTag              // the equipment has no such tag
	reasonTypeMismatch            // the value does not fit the tag's type
	reasonBadTime                 // the time stamp cannot be read
	reasonCount                   // after the others
)

var reasonNames = [...]string{"", "malformed", "too_large", "empty", "unrouted", "unknown_equipment",
	"unknown_tag", "type_mismatch", "bad_time"}

func (r reason) String() string { return reasonNames[r] }

// A problem is a reason and its text for people. The text depends on the
// topic, the configuration and the kind of the payload, never on its content,
// so that there are a few for each topic.
type problem struct {
	reason reason
	text   string
}

// clip bounds what comes from outside before it is kept or logged.
func clip(s string) string {
	const most = 200
	if len(s) > most {
		s = s[:most] + "…"
	}
	return strings.ToValidUTF8(s, "�")
}
