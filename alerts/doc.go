// Package alerts keeps the book of alarms and decides who is told what, and
// when. A Book takes conditions and people's commands, moves every alarm
// through the one transition table of ISA-18.2 (Table) and hands out, through
// Drain, what changed: alarms, transitions and the messages to deliver.
//
// A Book is pure: it never reads the clock, does no I/O, starts no goroutine
// and gives the same output for the same input, so that a replay of the
// stream sends nothing twice. Ids of alarms and messages come from their
// content. One Book serves one area; it is not safe for concurrent use.
//
// Two times exist: event time says when something happened at the equipment,
// stream time when the bus took it. Escalation runs on stream time.
//
// Sub-packages deliver: outbox takes messages from a durable queue and hands
// them to a Notifier, webhook and logger are notifiers, alertstest is the
// suite that every notifier passes.
package alerts
