// Package browse finds out which variables an OPC UA server has and makes
// configuration of them.
//
// Walk goes from the Objects folder along hierarchical references, also from
// Variables to the Variables below them, visits every node once, and ends at
// bounds of depth, nodes and time; a Tree that one of them cut says so. What
// does not answer concerns that branch only. Find adds to the variables that a
// Filter selects what configuration needs: type, unit, whether they can be read.
//
// A Template places variables: which equipment they belong to and what their
// tags are called. Namespaces are written by URI, so that what was found stays
// right when a server numbers them anew.
//
// The package asks one question at a time, so that a server has time for its
// own work. Nothing here is safe for concurrent use, unless it says so.
package browse
