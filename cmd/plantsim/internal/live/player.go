// Package live shows a scenario's samples at their time: on the OPC UA server
// and the devices of the plant, and in the ground truth.
package live

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"andon/cmd/plantsim/internal/mqtt"
	"andon/cmd/plantsim/internal/opcua"
	"andon/cmd/plantsim/internal/sim"
	"andon/cmd/plantsim/internal/truth"
)

// A Player plays one run. Its fields are set before Play and not changed. Now
// may be called by anyone at any time.
type Player struct {
	Run      *sim.Run
	Start    time.Time     // the plant's clock when the scenario starts
	Speed    float64       // plant time over real time
	Repeat   bool          // pass after pass
	Duration time.Duration // of plant time after which to end, 0 for never
	Server   *opcua.Server
	Devices  map[string]*mqtt.Device // by name of equipment
	Truth    *truth.Writer           // nil for none
	Out      io.Writer               // for people who watch

	mu    sync.Mutex    // guards both below, and Start against Now
	began time.Time     // when Play began, in real time
	due   time.Duration // when the next event happens
}

// Now returns the plant's time, which is never later than what is still to be
// shown: before Play begins it is that of the start, unless that is to come.
func (p *Player) Now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if p.began.IsZero() {
		if !p.Start.IsZero() && p.Start.Before(now) {
			return p.Start
		}
		return now
	}
	return p.Start.Add(min(p.due, time.Duration(float64(now.Sub(p.began))*p.Speed)))
}

// Begin returns the plant's time at the start: now, unless Start says another.
func (p *Player) Begin() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.Start.IsZero() {
		p.Start = time.Now().UTC().Truncate(time.Millisecond)
	}
	return p.Start
}

// await notes when the next event happens.
func (p *Player) await(at time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.due = at; p.began.IsZero() {
		p.began = time.Now()
	}
}

// Play shows what happens until the scenario or the duration ends, or ctx is
// done, which is no error.
func (p *Player) Play(ctx context.Context) error {
	p.await(0)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for e := range p.Run.Events(p.Repeat) {
		if p.Duration > 0 && e.At > p.Duration {
			return nil
		}
		p.await(e.At)
		timer.Reset(time.Until(p.began.Add(time.Duration(float64(e.At) / p.Speed))))
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		if err := p.show(ctx, e); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
	}
	return nil
}

// show lets one event happen.
func (p *Player) show(ctx context.Context, e sim.Event) error {
	at := p.Start.Add(e.At)
	for _, s := range e.Steps {
		p.say(at, "%s %-8s %-8s %s", s.Equipment.Name, s.Segment.State, s.Segment.For, cmp.Or(s.Segment.Note, s.Segment.Reason))
	}
	if e.ServerUp {
		if err := p.Server.Restore(ctx); err != nil {
			return fmt.Errorf("restore OPC UA: %w", err)
		}
		p.say(at, "OPC UA server accepts connections again")
	}
	for _, eq := range e.Up {
		if err := p.Devices[eq.Name].Return(ctx); err != nil {
			return err
		}
		p.say(at, "%s connects again", eq.Name)
	}
	if err := p.emit(ctx, at, e.Samples); err != nil {
		return err
	}
	for _, eq := range e.Down {
		if err := p.Devices[eq.Name].Lose(ctx); err != nil {
			return err
		}
		p.say(at, "%s loses its connection", eq.Name)
	}
	if e.ServerDown {
		p.Server.Cut(ctx)
		p.say(at, "OPC UA server cut all connections")
	}
	return nil
}

// say tells people who watch what happened at a time of the plant.
func (p *Player) say(at time.Time, format string, args ...any) {
	line := strings.TrimRight(fmt.Sprintf(format, args...), " ")
	fmt.Fprintf(p.Out, "%s %s\n", at.UTC().Format(time.TimeOnly), line)
}

// emit hands samples to the server and the devices, and notes them down.
func (p *Player) emit(ctx context.Context, at time.Time, samples []sim.Sample) error {
	var nodes []opcua.Value
	for i := 0; i < len(samples); {
		s := samples[i]
		if s.Signal.Node != "" {
			nodes = append(nodes, opcua.Value{Signal: s.Signal, Value: s.Value, Status: s.Status, Time: at})
			i++
			continue
		}
		fields := messageAt(samples[i:])
		if err := p.Devices[s.Signal.Owner].Publish(ctx, s.Signal.Message, payload(at, fields)); err != nil {
			return err
		}
		i += len(fields)
	}
	if len(nodes) > 0 {
		p.Server.Write(nodes)
	}
	if p.Truth != nil {
		return p.Truth.Add(at, samples)
	}
	return nil
}

// messageAt returns the samples at the head that belong to one message.
func messageAt(samples []sim.Sample) []sim.Sample {
	first := samples[0].Signal
	for i, s := range samples {
		if s.Signal.Message != first.Message || s.Signal.Owner != first.Owner {
			return samples[:i]
		}
	}
	return samples
}

// payload encodes one message of a device.
func payload(at time.Time, fields []sim.Sample) []byte {
	b := bytes.NewBufferString(`{"ts":` + strconv.FormatInt(at.UnixMilli(), 10))
	for _, f := range fields {
		value, _ := json.Marshal(f.Value) // scalars of the plant can be encoded
		fmt.Fprintf(b, `,%q:%s`, f.Signal.Field, value)
	}
	b.WriteByte('}')
	return b.Bytes()
}
