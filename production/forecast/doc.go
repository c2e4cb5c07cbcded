// Package forecast says how much a line will make and when an order will be
// done, with an interval, from what the line itself made before.
//
// The history is cut into buckets of five minutes of working time; the pace
// of a bucket is the standard time of its good units per working time, so
// that products of different speed are alike. The future is drawn from it in
// blocks of consecutive buckets (moving block bootstrap), which keeps long
// stops long. Each of the draws first draws a history of its own, as the one
// seen is only one of those that could have been: a short history gives a
// wide interval.
//
// All functions are pure: the generator (PCG) is seeded from the input, so
// that the same input gives the same forecast. Nothing is assumed of the stop
// that may be going on now.
package forecast
