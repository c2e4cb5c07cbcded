package opcua

import (
	"cmp"
	"time"

	"andon/collector"
)

// troublePause is how long the log has no more of one point's trouble.
const troublePause = 5 * time.Second

// noteTrouble tells of trouble with one tag, in the status always and in the
// log when it is news.
func (s *Source) noteTrouble(status *collector.Status, p *point, text string) {
	s.troubles.Lock()
	defer s.troubles.Unlock()
	p.trouble, p.nodes = text, false
	s.tellLocked(status, p)
}

// noteFamily tells of trouble with the node of p, which is that of all its tags.
// That it is over says nothing of what is wrong with their values: those may
// have come before the server's word that it monitors the node.
func (s *Source) noteFamily(status *collector.Status, p *point, text string) {
	s.troubles.Lock()
	defer s.troubles.Unlock()
	for ; p != nil; p = p.next {
		if text != "" || p.nodes {
			p.trouble, p.nodes = text, text != ""
			s.tellLocked(status, p)
		}
	}
}

// noteWarning tells of what is wrong with a tag although its values flow: it
// shows while there is no trouble.
func (s *Source) noteWarning(status *collector.Status, p *point, text string) {
	s.troubles.Lock()
	defer s.troubles.Unlock()
	p.warning = text
	s.tellLocked(status, p)
}

// tellLocked says in the log that p's trouble changed, but not with each of
// values that are right and wrong by turns; the status has it in any case.
func (s *Source) tellLocked(status *collector.Status, p *point) {
	text, now := cmp.Or(p.trouble, p.warning), time.Now()
	if !status.Trouble(p.tag.Path, text) || now.Sub(p.logged) < troublePause {
		return
	}
	p.logged = now
	if text == "" {
		s.log.Info("tag is well again", "tag", p.tag.Path)
		return
	}
	s.log.Warn("tag is in trouble", "tag", p.tag.Path, "node", p.tag.Address, "trouble", text)
}
