// Package review keeps what people say of stops and counts, and lays it over
// the facts that production derived from signals.
//
// What somebody says is an Edit. A Book takes edits as commands, in the order
// of the area's stream, and chains them by hash; nothing is ever changed or
// removed. Apply is a pure function of facts, stops and edits: the base facts
// stay as they are, an edit that is undone leaves no trace in them, and one
// that no longer fits, because late data moved the stop, has no effect and is
// told as stale.
//
// Nothing here reads a clock or does I/O. A Book is not safe for concurrent
// use; Definitions and all functions are.
package review
