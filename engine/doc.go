// Package engine reads an area's stream in order and turns it into records:
// production works out states, stops and counts, rules find conditions,
// alerts keep alarms and messages. It commits what they derive together with
// the stream position it came from.
//
// The step itself is deterministic: it never reads the clock and does no
// input or output, so the same stream and configuration give the same stops,
// KPIs, alarms and messages. After a crash the engine goes on from its last
// snapshot; what it derives again has the same keys and replaces itself.
package engine
