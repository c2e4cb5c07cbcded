// Package pki knows certificates as OPC UA uses them (OPC 10000-4, 6.1): andon's
// own one, which it makes once, and the folders of those that may identify a
// server. What it refuses it keeps where people find it and can move it on to
// the trusted ones.
//
// It reads files and verifies; who connects with what is the business of others.
package pki
