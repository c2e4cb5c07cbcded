// Package plant is the vocabulary of andon: the equipment tree of ISA-95
// (site, area, line, equipment, tag), samples with their values and status
// codes, canonical states, conditions, commands and working calendars.
//
// It imports the standard library only, does no I/O and never reads the
// clock. All times are UTC instants in integer nanoseconds; all intervals are
// half open, [from, to). Types are plain values unless they say otherwise; a
// Tree is immutable after NewTree and safe to share.
package plant
