// Package outbox delivers messages from a durable queue to people.
//
// A Worker takes, for each contact, the oldest message that is not delivered,
// hands it to the contact's Notifier and marks what came of it. Messages to
// one contact leave in the order in which they arose, one at a time; contacts
// do not wait for each other. A failed message is tried again, later each
// time, until it expires.
//
// The states of a message are queued, sending, and in the end sent or dead.
// A message is marked sending before it leaves. Found so after a crash, it
// may or may not have arrived; it is sent again with the same id, which
// notifiers pass on as idempotency key. One that could not leave is queued
// again, never sent. So every message arrives at least
// once, and a receiver that looks at the key sees it exactly once.
package outbox
