package alerts

import (
	"fmt"
	"strings"
	"time"
)

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
	return what + ": " + a.Message
}

// text is the whole message in plain text.
func text(a Alarm) string {
	var s strings.Builder
	line := func(label, value string) {
		if value != "" {
			fmt.Fprintf(&s, "%s: %s\n", label, value)
		}
	}
	s.WriteString(a.Message + "\n")
	line("What to do", a.Response)
	line("Equipment", a.Equipment)
	line("Priority", fmt.Sprintf("%s (%s)", a.Priority, a.Class))
	line("Raised", a.Raised.Event.Time().Format(time.RFC3339))
	if a.Recurrences > 0 {
		line("First raised", fmt.Sprintf("%s, %d times by now", a.FirstRaised.Event.Time().Format(time.RFC3339), a.Recurrences+1))
	}
	if a.Cleared.Event != 0 {
		line("Over", a.Cleared.Event.Time().Format(time.RFC3339))
	}
	line("Acknowledged by", a.AckUser)
	line("Comment", a.AckComment)
	if a.NextAt != 0 {
		line("Next, unless acknowledged", strings.Join(a.NextTo, ", ")+" at "+a.NextAt.Time().Format(time.RFC3339))
	}
	line("Alarm", a.ID)
	return s.String()
}
