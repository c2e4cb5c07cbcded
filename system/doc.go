// Package system watches andon itself and raises alarms of class system, so
// that people hear when what they trust does not work.
//
// A Watcher looks at the parts each second and works out which conditions hold,
// with delays and hysteresis (judge, track). What begins or ends goes through
// the stream as a command, once, and the book of alarms handles it as any
// other: who is told, escalation, acknowledgement, the end. The records say
// after a restart what is open.
//
// While nothing can be stored that way is closed. Then the Watcher tells people
// directly from memory, by the same routes and policies and with the ids that
// the book will give (call). As soon as something can be stored again the
// condition and its end go through the book, which tells only whom nobody told.
//
// One goroutine owns all state; others only deliver messages and carry single
// commands, and Run waits for them.
package system
