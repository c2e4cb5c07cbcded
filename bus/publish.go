package bus

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"andon/plant"
)

const (
	// attemptTimeout is how long one attempt waits for its acknowledgement.
	attemptTimeout = 5 * time.Second
	// maxExtra is room for headers and column heads.
	maxExtra = 4 << 10
)

// errCut says that the connection was lost before the answer came.
var errCut = errors.New("connection lost while waiting for the acknowledgement")

// outgoing is one message on its way. A second message with the same id is
// dropped by the stream for the time of the de-duplication window.
type outgoing struct {
	kind string
	id   string
	data []byte
}

// publish writes one message and returns its position. It tries on until it
// succeeds, ctx is done or the bus is closed.
func (l *lane) publish(ctx context.Context, m outgoing) (uint64, error) {
	started, after := time.Now(), l.acked.Load()
	for failures := 0; ; failures++ {
		pos, err := uint64(0), error(nil)
		if failures > 0 {
			if pause(ctx, backOff(failures)) != nil {
				return 0, l.given(ctx)
			}
			l.m.retries.Inc()
			// The server forgets ids; look for the message itself.
			if time.Since(started) > l.b.cfg.DedupeWindow/2 {
				pos, err = l.find(ctx, m, after)
			}
		}
		if pos == 0 && err == nil {
			pos, err = l.attempt(ctx, m)
		}
		switch {
		case err == nil:
			l.stored(m, pos)
			return pos, nil
		case errors.Is(err, nats.ErrConnectionClosed):
			return 0, ErrClosed
		case ctx.Err() != nil:
			return 0, l.given(ctx)
		}
		l.failed(ctx, err)
	}
}

// given is the error of who gave up.
func (l *lane) given(ctx context.Context) error {
	if err := l.trouble(); err != nil {
		return fmt.Errorf("write to the stream of %s: %w (%w)", l.area.Path, ctx.Err(), err)
	}
	return fmt.Errorf("write to the stream of %s: %w", l.area.Path, ctx.Err())
}

// attempt publishes m once.
func (l *lane) attempt(ctx context.Context, m outgoing) (uint64, error) {
	actx, cancel := l.b.link.watch(ctx)
	defer cancel()
	msg := &nats.Msg{Subject: subject(m.kind, l.area), Data: m.data,
		Header: nats.Header{jetstream.MsgIDHeader: []string{m.id}, jetstream.ExpectedStreamHeader: []string{streamName(l.area)}}}
	ack, err := l.b.js.PublishMsg(actx, msg, jetstream.WithRetryAttempts(0))
	switch {
	case errors.Is(err, context.Canceled) && ctx.Err() == nil:
		return 0, errCut
	case err != nil:
		return 0, err
	}
	return ack.Sequence, nil
}

// find looks for m among the messages that were stored after a position and
// returns 0 when it is not there.
func (l *lane) find(ctx context.Context, m outgoing, after uint64) (uint64, error) {
	ctx, cancel := l.b.link.watch(ctx)
	defer cancel()
	s, err := l.b.js.Stream(ctx, streamName(l.area))
	if err != nil {
		return 0, err
	}
	for {
		raw, err := s.GetMsg(ctx, after+1, jetstream.WithGetMsgSubject(subject(m.kind, l.area)))
		switch {
		case errors.Is(err, jetstream.ErrMsgNotFound):
			return 0, nil
		case err != nil:
			return 0, err
		case raw.Header.Get(jetstream.MsgIDHeader) == m.id:
			return raw.Sequence, nil
		}
		after = raw.Sequence
	}
}

// stored notes a success.
func (l *lane) stored(m outgoing, pos uint64) {
	for {
		acked := l.acked.Load()
		if pos <= acked || l.acked.CompareAndSwap(acked, pos) {
			break
		}
	}
	l.b.m.messages.WithLabelValues(l.area.Name, m.kind).Inc()
	l.m.bytes.Add(float64(len(m.data)))
	l.mu.Lock()
	was := l.ailment
	l.ailment = nil
	l.mu.Unlock()
	if was != nil {
		l.b.log.Info("the stream takes messages again", "area", l.area.Name)
	}
}

// failed notes a failure and, when there is no such stream, makes it again:
// somebody emptied the disk of the external NATS.
func (l *lane) failed(ctx context.Context, err error) {
	l.mu.Lock()
	was := l.ailment
	l.ailment = err
	l.mu.Unlock()
	if was == nil {
		l.b.log.Warn("the stream takes no messages, trying on", "area", l.area.Name, "err", err)
	}
	if errors.Is(err, jetstream.ErrNoStreamResponse) {
		ctx, cancel := l.b.link.watch(ctx)
		defer cancel()
		// One that is there and does not answer yet must not get lower limits.
		if _, err := l.b.js.CreateStream(ctx, l.b.streamConfig(l.area, 0)); err != nil {
			l.b.log.Debug("stream was not made again", "area", l.area.Name, "err", err)
		}
	}
}

// trouble returns why messages are not taken now, nil when they are.
func (l *lane) trouble() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ailment
}

// send publishes for a caller outside the lane's queue.
func (b *Bus) send(ctx context.Context, area *plant.Area, m outgoing) (uint64, error) {
	l := b.byPath[area.Path]
	if l == nil {
		return 0, fmt.Errorf("area %s is not of site %s", area.Path, b.tree.Site)
	}
	l.mu.Lock()
	closed := l.closed
	l.mu.Unlock()
	if closed {
		return 0, ErrClosed
	}
	return l.publish(ctx, m)
}

// Command writes what a person wants done and returns its position. The same
// cmd.ID within the de-duplication window is stored once and returns the
// position of the first.
func (b *Bus) Command(ctx context.Context, area *plant.Area, cmd plant.Command) (uint64, error) {
	data, err := json.Marshal(cmd)
	if err != nil {
		return 0, fmt.Errorf("encode command: %w", err)
	}
	if len(data) > maxMessage {
		return 0, fmt.Errorf("command of %d bytes is longer than %d", len(data), maxMessage)
	}
	return b.send(ctx, area, outgoing{kind: command, id: command + "." + cmd.ID, data: data})
}

// Tick writes a tick of the clock, which moves stream time on when equipment
// is silent.
func (b *Bus) Tick(ctx context.Context, area *plant.Area) error {
	_, err := b.send(ctx, area, outgoing{kind: clock, id: nuid.Next()})
	return err
}

// ErrTooLong is wrapped by the error of Derived when it left out lines that
// no message can hold.
var ErrTooLong = errors.New("longer than a message may be")

// Derived writes points in line protocol, one a line. The same id within the
// de-duplication window is stored once. Points that are too many for one
// message are split at line ends, each part under an id of its own. A single
// line of more than 256 KiB is left out: when all others are written the error
// wraps ErrTooLong, and trying again would be in vain.
func (b *Bus) Derived(ctx context.Context, area *plant.Area, id string, lines []byte) error {
	id = derived + "." + id
	var tooLong error
	for n := 1; len(lines) > 0; n++ {
		head, rest := splitLines(lines, maxMessage)
		if len(head) > maxMessage {
			tooLong = fmt.Errorf("derived point of %d bytes, %.80q: %w", len(head), head, ErrTooLong)
		} else if _, err := b.send(ctx, area, outgoing{kind: derived, id: id, data: head}); err != nil {
			return err
		}
		lines, id = rest, id+"."+strconv.Itoa(n)
	}
	return tooLong
}

// splitLines cuts off as many whole lines as fit into most bytes, at least
// one.
func splitLines(lines []byte, most int) (head, rest []byte) {
	if len(lines) <= most {
		return lines, nil
	}
	end := bytes.LastIndexByte(lines[:most], '\n') + 1
	if end == 0 {
		end = bytes.IndexByte(lines, '\n') + 1
	}
	if end == 0 {
		return lines, nil
	}
	return lines[:end], lines[end:]
}
