package alerts

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"andon/plant"
)

// Headline is what is wrong and where, in one line: the message, with the name
// of the equipment before it unless the message has it.
func (a Alarm) Headline() string {
	name := a.Equipment[strings.LastIndexByte(a.Equipment, '/')+1:]
	switch {
	case name == "" || names(a.Message, name):
		return a.Message
	case a.Message == "":
		return name
	}
	return name + ": " + a.Message
}

// names reports whether text has name as a word: A1 is none of A10.
func names(text, name string) bool {
	inWord := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	for from := 0; ; {
		at := strings.Index(text[from:], name)
		if at < 0 {
			return false
		}
		at += from
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[at+len(name):])
		if !inWord(before) && !inWord(after) {
			return true
		}
		from = at + 1
	}
}

// title is the one line that a person reads first.
func title(kind Kind, a Alarm, since time.Duration) string {
	what := strings.ToUpper(string(a.Priority))
	switch kind {
	case KindEscalated:
		what += fmt.Sprintf(", nobody took it for %s", since.Round(time.Second))
	case KindAcknowledged:
		what = "Acknowledged by " + a.AckUser
	case KindResolved:
		what = "Resolved"
	case KindRaised:
		if a.Recurrences > 0 {
			what += " again"
		}
	}
	return what + ": " + a.Headline()
}

// text is the whole message in plain text, with times as the clocks of the
// site show them.
func text(a Alarm, zone *time.Location) string {
	var s strings.Builder
	line := func(label, value string) {
		if value != "" {
			fmt.Fprintf(&s, "%s: %s\n", label, value)
		}
	}
	clock := func(t plant.Instant) string { return t.Time().In(zone).Format("Mon 2 Jan 2006 15:04:05 MST") }
	s.WriteString(a.Headline() + "\n")
	line("What to do", a.Response)
	line("Equipment", a.Equipment)
	line("Priority", fmt.Sprintf("%s (%s)", a.Priority, a.Class))
	line("Raised", clock(a.Raised.Event))
	if a.Recurrences > 0 {
		line("First raised", fmt.Sprintf("%s, %d times by now", clock(a.FirstRaised.Event), a.Recurrences+1))
	}
	if a.Cleared.Event != 0 {
		line("Over", clock(a.Cleared.Event))
	}
	line("Acknowledged by", a.AckUser)
	line("Comment", a.AckComment)
	if a.NextAt != 0 {
		line("Next, unless acknowledged", strings.Join(a.NextTo, ", ")+" at "+clock(a.NextAt))
	}
	line("Alarm", a.ID)
	return s.String()
}
