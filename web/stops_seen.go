package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"andon/engine"
	"andon/plant"
	"andon/production/review"
)

// The forms of the page carry how much had been said of the area when it was
// made. What others said since of the same stop refuses them.

// seenBy reads what the person had seen who sent a form; nil for who does not
// say it. A comment overwrites nothing, so it needs no such.
func seenBy(f url.Values, kind review.Kind) (*int64, error) {
	text := f.Get("revision")
	if text == "" || kind == review.KindComment {
		return nil, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return nil, badRequest("bad_revision", "revision: want that of the page, a number")
	}
	return &n, nil
}

// seenRefs finds the stops of a form as the person saw them.
func (s *Server) seenRefs(r *http.Request, ids []string, seen *int64) ([]review.Ref, error) {
	refs, err := s.refs(r, ids)
	if p := asProblem(err); err != nil && p.code == "no_effect" { // ids mean nothing to people
		return nil, problem{p.status, p.code, "Nothing was done: the stop was split or merged in the meantime. Choose among the stops as they are now."}
	}
	for i := range refs {
		refs[i].Revision = seen
	}
	return refs, err
}

// meantime tells a person what somebody else said since they looked.
func (s *Server) meantime(c *currentBody) string {
	words := []string{"Nothing was done, because of what was said in the meantime, at " + s.clock(plant.Instant(c.Last.Time)) + ": " + c.Last.Text + "."}
	if x := c.Stop; x != nil && x.Life == review.LifeReplaced {
		words = append(words, "The stop is replaced by its parts, or by the whole that it is part of.")
	} else if x != nil {
		words = append(words, "The stop is now: "+strings.Join(x.ReasonPath, " › ")+", "+strings.ReplaceAll(string(x.Life), "_", " ")+".")
	}
	return strings.Join(append(words, "Say it again if it still holds."), " ")
}

// A typed is what a person wrote into a form that was refused. It stands there
// again.
type typed struct{ Stop, Comment string }

func typedIn(f url.Values) typed {
	return typed{Stop: f.Get("stop"), Comment: f.Get("comment")}
}

// retype puts it into the form of the stop.
func (d *stopDetail) retype(stop engine.SheetStop, t typed) {
	if t.Stop != stop.ID {
		return
	}
	d.Comment = t.Comment
}
