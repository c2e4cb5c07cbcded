// Package opcua reads equipment from an OPC UA server: one Source per server,
// one session per Run.
//
// Tags are subscribed, those of a polled group are read at wall-clock times.
// A Source talks to the server through gopcua's secure channel, but publishes,
// acknowledges and recovers by itself: a ServiceFault ends only the request it
// answers. There is a subscription for each publishing interval, each with an
// order, a writer and a watch of its own; publish requests belong to the session,
// one for each subscription and two more, or as many as the server bears.
// Notifications are put into order by their sequence numbers, missing ones are
// asked for again (Republish), and one is acknowledged only after the Sink took
// it. While the Sink blocks, received notifications wait in a bounded queue;
// when that is full no more publish requests are sent, so the rest waits in
// the server's queues.
//
// Contacts, which say up to when values that did not change are known, follow
// the notifications to the Sink, and say no more than the server has told: a
// state must not look as if it went on because its end waits in a queue.
//
// The server keeps the subscriptions, and in their queues what changes, when the
// connection or andon itself goes away: the next session takes them over
// (TransferSubscriptions), also one of another process, which finds what it
// must know in the handover file. Where a server transfers none, the session
// itself goes on over another connection.
//
// A tag may be a part of a node's value, an element of an array or a field of a
// structure, which is found in the bytes that came; data types are read from the
// server at the start of a session. Tags of one node share its item.
//
// A node that does not exist, is not readable or refuses a filter concerns
// its own tag only: it shows in Status.Trouble and is tried again with
// back-off. A server that sends no publish response for three keep-alives is
// lost and ends Run, however well its TCP connection looks; the end of one of
// several subscriptions, told or not, is followed by another one in the session.
//
// gopcua validates no certificate, so the Source compares the server's with
// its trust list (package pki) before it opens the channel, and never falls back
// to a weaker policy; a guard on the connection (package channel) refuses answers
// that name another one. Of several servers the fittest is used. In the whole
// process gopcua decodes data changes and what is read into types of ours
// (package wire), which take a value for no more than its bytes.
package opcua
