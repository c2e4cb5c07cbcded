// Package probe finds out what an OPC UA server offers and bears, and what a
// source for it would have to say in its configuration.
//
// Without a session it asks for endpoints only; with one it also reads limits,
// namespaces and the clock. It tries exactly the security and the user that it
// is given, nothing weaker, and writes nothing to the server.
package probe
