// Package salvage looks at the message files of a JetStream store before
// nats-server opens it, and takes out what is damaged.
//
// nats-server starts over any damage, but at a price: after a crash it cuts a
// file off at the first record that it cannot read, without a word, and what
// was good behind it is gone. Here the whole file is moved aside first and all
// of its good records stay in the store, so that one bad sector costs the
// messages in it and no others, and people learn of it.
//
// A file is read only when there is a reason: the store was not closed in
// order, or a file is not as it was when it was closed. What rots while all
// looks the same shows when it is read; see bus.Reader.
package salvage
