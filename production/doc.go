// Package production works out what equipment did and what it made: one
// gap-free timeline of states, the stops in it, the counts of units, and the
// KPIs of ISO 22400-2 that follow from them.
//
// An Area is fed an area's samples and contacts with stream time. It keeps
// them, sorted by event time, over a bounded horizon and derives facts
// (segments and counts) from them; a late sample re-derives what it touches,
// so the facts depend on the samples only and not on the order they came in.
// KPIs are computed from facts by Compute, a pure function.
//
// Everything here is deterministic: it reads no clock, does no I/O, starts no
// goroutine and puts nothing out in map order. An Area is not safe for
// concurrent use. All times are UTC nanoseconds, all intervals half open.
package production
