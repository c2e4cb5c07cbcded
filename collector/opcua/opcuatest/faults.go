package opcuatest

import (
	"slices"

	"github.com/gopcua/opcua/ua"
)

// KillSessions forgets all sessions, as a server does at the end of their time
// or when an operator ends them. Connections and subscriptions stay, and a new
// session may take the subscriptions over.
func (s *Server) KillSessions() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for token, x := range s.sessions {
		delete(s.sessions, token)
		s.refuseLocked(x, ua.StatusBadSessionClosed)
	}
}

// Mute makes the server publish nothing, keep-alives neither, while it answers
// everything else.
func (s *Server) Mute(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mute = on
}

// DropNext makes the server lose the next n notification messages: they count
// as sent and can only be had by Republish.
func (s *Server) DropNext(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropNext = n
}

// LoseAnswers makes the server lose the next n publish responses with their
// requests, which stay without an answer, as one does that sends them in a way
// that no client can read.
func (s *Server) LoseAnswers(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loseNext = n
}

// DuplicateNext makes the server send the next n notification messages a
// second time, each after so many others of its subscription were sent, as
// servers were seen to do that answer two publish requests with one message.
func (s *Server) DuplicateNext(n, after int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.repeatNext, s.repeatAfter = n, uint32(after)
}

// A repeat is a message that is sent again once the next one has the number
// due or more.
type repeat struct {
	message *ua.NotificationMessage
	due     uint32
}

// repeatLater notes msg when it is to be sent again. Server.mu is held.
func (sub *subscription) repeatLater(msg *ua.NotificationMessage) {
	if s := sub.server; s.repeatNext > 0 {
		s.repeatNext--
		sub.repeats = append(sub.repeats, repeat{msg, sub.seq + s.repeatAfter})
	}
}

// nextRepeat returns the message that is due to be sent again and the request
// that it answers, nil when there is none. Server.mu is held.
func (sub *subscription) nextRepeat() (pending, *ua.PublishResponse) {
	x, s := sub.session, sub.server
	i := slices.IndexFunc(sub.repeats, func(r repeat) bool { return r.due <= sub.seq })
	if i < 0 || len(x.publish) == 0 || s.subs[sub.id] != sub || s.frozen {
		return pending{}, nil
	}
	msg := sub.repeats[i].message
	sub.repeats = slices.Delete(sub.repeats, i, i+1)
	p := x.publish[0]
	x.publish = x.publish[1:]
	h := ok(p.request)
	h.Timestamp = s.opts.clock()
	s.counts.Repeated++
	return p, &ua.PublishResponse{
		ResponseHeader: h, SubscriptionID: sub.id, AvailableSequenceNumbers: sub.available(), NotificationMessage: msg, Results: p.results,
	}
}

// AddForeign makes a variable with an identifier in the namespace with an
// index of its own choice, such as that of another application's: who asks
// there for what Add made gets something else. Only its value can be read and
// monitored; it does not change.
func (s *Server) AddForeign(index uint16, name string, v any) {
	s.space.mu.Lock()
	defer s.space.mu.Unlock()
	id := ua.NewStringNodeID(index, name)
	s.space.foreign[id.String()] = &variable{id: id, name: name, value: Value{V: v}.data()}
}
