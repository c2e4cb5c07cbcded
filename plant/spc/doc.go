// Package spc is statistical process control: which points of a control chart
// are a signal, how wide a process spreads, and how well it fits its
// specification. It is pure and never reads the clock.
//
// A Detector takes the points of one chart one by one. Its state is bounded
// and Add allocates nothing, so there may be one for every tag of a plant. It
// counts in z, the distance of a point from the center in sigmas, rounded to
// nine decimals: a point that lies on a limit in decimals lies on it here, too.
// A signal belongs to the point that completes its pattern.
//
// Figures that do not exist, such as the capability of a process that never
// varies, are not OK rather than 0 or infinite.
//
// Tests after Nelson, "The Shewhart Control Chart - Tests for Special Causes"
// (Journal of Quality Technology 16, 1984), and the Western Electric
// "Statistical Quality Control Handbook" (1956); EWMA, CUSUM, estimators and
// capability after Montgomery, "Introduction to Statistical Quality Control",
// and ISO 22514-2.
package spc
