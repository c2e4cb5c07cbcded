// Package rules turns samples, states and silence into conditions. A Set
// holds every rule of one area, once for each equipment that the rule's
// pattern matches; Eval takes what the stream brought and returns the
// conditions that began, changed priority or ceased.
//
// A Set is pure: it never reads the clock, does no I/O, starts no goroutine
// and gives the same conditions for the same input, so that a recorded shift
// replays in milliseconds. It is not safe for concurrent use.
//
// Times: delays and silence run on stream time, the now of Eval; a state
// rule's time counts from the state's beginning in event time and is looked
// at in stream time. Condition.Time is event time. At one now, states come
// first, then samples, contacts and, last, timers: what ends exactly when its
// delay ends was never raised. When stream time jumps by more than ten
// seconds, andon itself was away; running delays and silences are prolonged by
// the jump, because nobody was there to see.
//
// A value whose status is not Good neither raises nor clears (quality: hold):
// delays stand still until the next Good one. The same holds while the state
// of the equipment is unknown to a rule that asks for states.
//
// Charts, trends and counts remember more than the last value. What they
// remember is bounded for each instance, and is part of the snapshot.
package rules
