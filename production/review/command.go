package review

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"andon/plant"
)

// The verbs of commands that a Book takes are VerbPrefix and a kind, and
// VerbAdjust.
const (
	VerbPrefix = "stop."
	VerbAdjust = "count.adjust"
)

// Takes reports whether a Book is who takes commands of this verb.
func Takes(verb string) bool { return strings.HasPrefix(verb, VerbPrefix) || verb == VerbAdjust }

// CommandArgs are the args of a review command. Each kind uses its own part;
// docs/stops.md has the table. The command's Target is the path of the
// equipment; of sign_off it may be that of a line or area.
type CommandArgs struct {
	Ref
	Stops  []Ref         `json:"stops,omitempty"` // several stops in the place of one
	Reason string        `json:"reason,omitempty"`
	At     plant.Instant `json:"at,omitempty"`
	From   plant.Instant `json:"from,omitempty"`
	To     plant.Instant `json:"to,omitempty"`
	Edit   string        `json:"edit,omitempty"`
	Adjustment
}

// A RefusedError says why a command is not taken.
type RefusedError struct {
	Field string // of the command or its args
	What  string
}

// Error names the field and what is wrong with it.
func (e *RefusedError) Error() string { return e.Field + ": " + e.What }

func refuse(field, format string, args ...any) error {
	return &RefusedError{field, fmt.Sprintf(format, args...)}
}

// The bounds of what a command may bring; the API's are narrower.
const (
	maxUser    = 200
	maxComment = 2000
	maxStops   = 500
	maxUnits   = 1_000_000_000
)

// kindOf returns what a verb does.
func kindOf(verb string) (Kind, error) {
	if verb == VerbAdjust {
		return KindAdjust, nil
	}
	switch k := Kind(strings.TrimPrefix(verb, VerbPrefix)); k {
	case KindAssign, KindComment, KindSplit, KindMerge, KindNotDowntime, KindReview, KindSignOff, KindDispute, KindReopen, KindUndo:
		return k, nil
	}
	return "", refuse("verb", "there is no %.40q", verb)
}

// ReadArgs returns the args of a review command, or a *RefusedError.
func ReadArgs(cmd plant.Command) (CommandArgs, error) {
	var a CommandArgs
	if len(cmd.Args) == 0 {
		return a, nil
	}
	d := json.NewDecoder(bytes.NewReader(cmd.Args))
	d.DisallowUnknownFields()
	if err := d.Decode(&a); err != nil {
		return a, refuse("args", "%v", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return a, refuse("args", "want one JSON object")
	}
	return a, nil
}

// parse makes the edits of a command, without their place in the chain. The
// book is asked for what undo takes back.
func (b *Book) parse(now plant.Instant, cmd plant.Command) ([]Edit, error) {
	kind, err := kindOf(cmd.Verb)
	if err != nil {
		return nil, err
	}
	args, err := ReadArgs(cmd)
	if err != nil {
		return nil, err
	}
	if err := checkPerson(cmd); err != nil {
		return nil, err
	}
	base := Edit{Command: cmd.ID, Kind: kind, Equipment: cmd.Target, Source: SourceOperator, User: cmd.User,
		Comment: cmd.Comment, Time: now, Given: cmd.Time}
	switch kind {
	case KindSignOff:
		return b.signOff(base, args)
	case KindAdjust:
		return b.adjust(base, args)
	case KindUndo:
		return b.undo(base, args)
	case KindMerge:
		return b.merge(base, args)
	}
	return b.stops(base, args)
}

func checkPerson(cmd plant.Command) error {
	switch {
	case cmd.ID == "" || len(cmd.ID) > maxUser || strings.Contains(cmd.ID, "#"):
		return refuse("id", "want 1 to %d letters without #", maxUser)
	case strings.TrimSpace(cmd.User) == "" || len(cmd.User) > maxUser || !utf8.ValidString(cmd.User):
		return refuse("user", "want the person's name")
	case len(cmd.Comment) > maxComment || !utf8.ValidString(cmd.Comment):
		return refuse("comment", "want at most %d bytes of text", maxComment)
	}
	return nil
}

// stops makes one edit for each stop that the command names.
func (b *Book) stops(base Edit, a CommandArgs) ([]Edit, error) {
	refs := a.Stops
	if len(refs) == 0 {
		refs = []Ref{a.Ref}
	}
	if len(refs) > maxStops {
		return nil, refuse("stops", "want at most %d", maxStops)
	}
	if base.Kind == KindSplit && len(refs) > 1 {
		return nil, refuse("stops", "want one stop to split")
	}
	var out []Edit
	for i, ref := range refs {
		e := base
		e.ID = numbered(base.Command, i, len(refs))
		if ref.Equipment != "" {
			e.Equipment = ref.Equipment
		}
		if !b.equipment[e.Equipment] {
			return nil, refuse("target", "%.100q is no equipment of the area", e.Equipment)
		}
		if ref.Start == 0 {
			return nil, refuse("start", "want the start of the stop, such as 2026-03-02T08:18:40Z")
		}
		e.Stop, e.Anchor = ref.Stop, ref.Start
		e.From, e.To = ref.Start, max(ref.Start, ref.End)
		if err := b.complete(&e, a); err != nil {
			return nil, err
		}
		if err := b.unchanged(e.Equipment, ref); err != nil {
			return nil, err
		}
		b.found(&e, ref.Was)
		out = append(out, e)
	}
	return out, nil
}

// complete checks and sets what one kind needs.
func (b *Book) complete(e *Edit, a CommandArgs) error {
	switch e.Kind {
	case KindAssign:
		e.Args.Reason = a.Reason
		return b.checkReason(*e)
	case KindComment, KindDispute:
		if strings.TrimSpace(e.Comment) == "" {
			return refuse("comment", "want a text")
		}
	case KindSplit:
		if a.At == 0 {
			return refuse("at", "want the time at which the second part begins")
		}
		if a.At.Sub(e.Anchor) < b.defs.minPart || a.At > e.Time {
			return refuse("at", "want a time at least %s after the start and not later than now", b.defs.minPart)
		}
		e.Args.At, e.To = a.At, max(e.To, a.At)
	}
	return nil
}

func (b *Book) checkReason(e Edit) error {
	r, ok := b.defs.reason(e.Equipment, e.Args.Reason)
	switch {
	case !ok:
		return refuse("reason", "%s has no reason %.60q", e.Equipment, e.Args.Reason)
	case b.defs.Group(e.Equipment, r.ID):
		return refuse("reason", "%q is a group: want a reason below it", r.ID)
	case !validAt(r, e.Anchor):
		return refuse("reason", "%q is not valid at %s", r.ID, e.Anchor)
	case r.RequiresComment && strings.TrimSpace(e.Comment) == "":
		return refuse("comment", "%q needs a comment", r.ID)
	}
	return nil
}

func (b *Book) merge(e Edit, a CommandArgs) ([]Edit, error) {
	if len(a.Stops) < 2 || len(a.Stops) > maxStops {
		return nil, refuse("stops", "want 2 to %d stops to merge", maxStops)
	}
	if !b.equipment[e.Equipment] {
		return nil, refuse("target", "%.100q is no equipment of the area", e.Equipment)
	}
	for i, ref := range a.Stops {
		if ref.Equipment != "" && ref.Equipment != e.Equipment {
			return nil, refuse("stops", "want stops of one equipment, not of %s and %.100q", e.Equipment, ref.Equipment)
		}
		if ref.Start == 0 {
			return nil, refuse("stops", "want the start of each stop")
		}
		if err := b.unchanged(e.Equipment, ref); err != nil {
			return nil, err
		}
		a.Stops[i].Equipment, a.Stops[i].Revision = "", nil
		if e.From == 0 || ref.Start < e.From {
			e.Stop, e.Anchor, e.From = ref.Stop, ref.Start, ref.Start
		}
		e.To = max(e.To, ref.Start, ref.End)
	}
	e.ID, e.Args.With, e.Args.Reason = e.Command, a.Stops, a.Reason
	if a.Reason != "" {
		if err := b.checkReason(e); err != nil {
			return nil, err
		}
	}
	b.found(&e, nil)
	return []Edit{e}, nil
}

func numbered(command string, i, n int) string {
	if n == 1 {
		return command
	}
	return fmt.Sprintf("%s#%d", command, i+1)
}
