package engine

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"andon/alerts"
	"andon/plant"
)

// maxCommand bounds one line of commands.
const maxCommand = 1 << 20

// ReadCommands reads what people did from NDJSON, one command a line, and
// puts it in order of time.
func ReadCommands(r io.Reader) ([]plant.Command, error) {
	var out []plant.Command
	scan := bufio.NewScanner(r)
	scan.Buffer(nil, maxCommand)
	for n := 1; scan.Scan(); n++ {
		if len(bytes.TrimSpace(scan.Bytes())) == 0 {
			continue
		}
		var c plant.Command
		d := json.NewDecoder(bytes.NewReader(scan.Bytes()))
		d.DisallowUnknownFields()
		if err := d.Decode(&c); err != nil {
			return nil, fmt.Errorf("line %d: want a command as JSON: %w", n, err)
		}
		if c.ID == "" || c.Time == 0 {
			return nil, fmt.Errorf("line %d: want a command with id and time", n)
		}
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b plant.Command) int { return cmp.Compare(a.Time, b.Time) })
	return out, scan.Err()
}

// command hands over the commands given before until. A replay that would
// leave one out is not what happened, so a refusal ends it.
func (p *replay) command(until plant.Instant) error {
	for ; p.given < len(p.o.Commands) && p.o.Commands[p.given].Time < until; p.given++ {
		cmd := p.o.Commands[p.given]
		p.flush()
		p.now = max(p.now, cmd.Time)
		p.pos++
		if err := p.hand(plant.Message{Pos: p.pos, Time: p.now, Kind: plant.KindCommand, Command: &cmd}); err != nil {
			return fmt.Errorf("command %s: %w", cmd.ID, err)
		}
	}
	return nil
}

// hand gives a command to the area of its target, or one of an alarm that
// does not say which to each until one knows it.
func (p *replay) hand(m plant.Message) error {
	target := m.Command.Target
	if _, after, ok := strings.Cut(target, "@"); ok {
		target = after
	}
	err := ErrUnknownTarget
	for _, c := range p.cores {
		if target == c.area.Path || strings.HasPrefix(target, c.area.Path+"/") {
			return c.step(m)
		}
	}
	for _, c := range p.cores {
		if !strings.Contains(target, "/") {
			if err = c.step(m); !errors.Is(err, alerts.ErrUnknownAlarm) {
				return err
			}
		}
	}
	return err
}

// effective puts stops as people say they were in the place of those that the
// signals made.
func (p *replay) effective(ctx context.Context, r *Report) error {
	desk := NewDesk(p.o.Config.Production, p.o.Tree, p.o.Store)
	for _, c := range p.cores {
		for _, line := range c.area.Lines {
			for _, eq := range line.Equipment {
				if len(c.review.Of(eq.Path)) == 0 {
					continue
				}
				res, err := desk.result(ctx, eq, plant.Interval{From: p.covers.From, To: max(p.covers.To, p.now) + 1})
				if err != nil {
					return err
				}
				r.Stops = slices.DeleteFunc(r.Stops, func(s StopRecord) bool { return s.Equipment == eq.Path })
				for _, s := range res.Stops {
					s.Equipment = eq
					rec := stopBody(s.Stop)
					if len(s.Edits) > 0 {
						rec.Review = &s.Detail
					}
					r.Stops = append(r.Stops, rec)
				}
			}
		}
	}
	return nil
}
