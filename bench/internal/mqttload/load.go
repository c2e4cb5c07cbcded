package mqttload

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"andon/bench/internal/generator"
)

// Config says what to publish.
type Config struct {
	// Broker is its TCP address.
	Broker string
	// QoS is 0 or 1.
	QoS int
	// Rate is the number of samples a second, over all tags.
	Rate int
	// Warmup and Window are how long it publishes before and in the
	// measurement.
	Warmup, Window time.Duration
}

// connections share the tags; a broker reads each for itself.
const connections = 4

// slice is how often a connection sends what has become due. The connections
// take turns, so that the load is more even than that.
const slice = 10 * time.Millisecond

// helloEvery is how often a sample is sent before the load begins, by which
// the subscriber is found to be there.
const helloEvery = 200 * time.Millisecond

// settleWithin bounds the wait for the last acknowledgements.
const settleWithin = 20 * time.Second

// Run is the program that package generator drives: it publishes hellos until
// a line "go" comes on in, then the load, and tells of it on out. It returns
// when in ends or ctx is done.
func Run(ctx context.Context, c Config, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	l := &load{Config: c, say: json.NewEncoder(out)}
	for i := range connections {
		cn, err := dial(c.Broker, fmt.Sprintf("bench-load-%d", i), c.QoS)
		if err != nil {
			return err
		}
		defer cn.close()
		l.conns = append(l.conns, cn)
	}
	commands := readCommands(ctx, in) // its goroutine ends with the process's input
	if err := l.say.Encode(generator.Event{Event: generator.Ready, At: millis(time.Now())}); err != nil {
		return err
	}
	if err := l.hello(commands); err != nil {
		return err
	}
	return l.run(ctx, commands)
}

// readCommands returns the lines of in; closed at its end.
func readCommands(ctx context.Context, in io.Reader) <-chan string {
	commands := make(chan string)
	go func() {
		defer close(commands)
		for lines := bufio.NewScanner(in); lines.Scan(); {
			select {
			case commands <- strings.TrimSpace(lines.Text()):
			case <-ctx.Done():
				return
			}
		}
	}()
	return commands
}

type load struct {
	Config
	say   *json.Encoder
	conns []*conn
	start time.Time
	sent  atomic.Int64
	stop  atomic.Bool // finish early
}

var errStopped = errors.New("stopped before the load began")

// hello sends a sample of the first tag now and then, until "go" comes.
func (l *load) hello(commands <-chan string) error {
	first := &tags()[0]
	tick := time.NewTicker(helloEvery)
	defer tick.Stop()
	for {
		now := millis(time.Now())
		l.conns[0].publish(first.topic, appendPayload(nil, first, now, now))
		if err := l.conns[0].flush(); err != nil {
			return err
		}
		select {
		case command, ok := <-commands:
			if !ok {
				return errStopped
			}
			if command == "go" {
				return nil
			}
		case <-tick.C:
		}
	}
}

// run publishes the load and waits for the end of commands.
func (l *load) run(ctx context.Context, commands <-chan string) error {
	// Later than the last hello, which must not be counted.
	l.start = time.Now().Add(10 * time.Millisecond).Truncate(time.Millisecond)
	if err := l.tell(generator.Start, l.start); err != nil {
		return err
	}
	var publishers sync.WaitGroup
	errs := make([]error, len(l.conns))
	for i, cn := range l.conns {
		publishers.Go(func() { errs[i] = l.publish(cn, i) })
	}
	done := make(chan struct{})
	go func() { // ends with the publishers, whose time is bounded
		publishers.Wait()
		close(done)
	}()
	commands, err := l.follow(ctx, commands, done)
	l.stop.Store(true) // it has ended, or must
	<-done
	if err := errors.Join(append(errs, err)...); err != nil {
		return err
	}
	planned := int64(l.Rate) * int64(l.Warmup+l.Window) / int64(time.Second)
	err = l.say.Encode(generator.Event{Event: generator.Done, At: millis(time.Now()), Sent: l.sent.Load(), Planned: planned})
	if err != nil {
		return err
	}
	for range commands { // until the input ends
	}
	return nil
}

// follow tells how far the publishers are until they are done, and stops them
// early when it is told to. It returns the commands that are still to come.
func (l *load) follow(ctx context.Context, commands <-chan string, done <-chan struct{}) (<-chan string, error) {
	measure := time.NewTimer(time.Until(l.start.Add(l.Warmup)))
	defer measure.Stop()
	measured := false
	second := time.NewTicker(time.Second)
	defer second.Stop()
	for {
		select {
		case <-done:
			if !measured { // stopped during the warm-up
				return commands, l.tell(generator.Measure, time.Now())
			}
			return commands, nil
		case <-ctx.Done():
			return commands, ctx.Err()
		case command, ok := <-commands:
			l.stop.Store(l.stop.Load() || !ok || command == "stop")
			if !ok {
				return commands, errors.New("the input ended during the load")
			}
		case now := <-measure.C:
			measured = true
			if err := l.tell(generator.Measure, now); err != nil {
				return commands, err
			}
		case now := <-second.C:
			if err := l.tell(generator.Sent, now); err != nil {
				return commands, err
			}
		}
	}
}

func (l *load) tell(event string, at time.Time) error {
	return l.say.Encode(generator.Event{Event: event, At: millis(at), Sent: l.sent.Load()})
}

// publish sends what becomes due on connection number i until the load is
// over. What could not be sent by then is not sent.
func (l *load) publish(c *conn, i int) error {
	var mine []tag
	for n, t := range tags() {
		if n%connections == i {
			mine = append(mine, t)
		}
	}
	var payload []byte
	var sent, next int64
	start := millis(l.start)
	<-time.After(time.Until(l.start) + slice*time.Duration(i)/connections)
	tick := time.NewTicker(slice)
	defer tick.Stop()
	for now := range tick.C {
		elapsed := min(now.Sub(l.start), l.Warmup+l.Window)
		if elapsed < 0 {
			continue
		}
		due := share(l.Rate, elapsed, i)
		ts := millis(now)
		for n := min(due-sent, int64(c.room())); n > 0; n-- {
			t := &mine[next]
			if next++; next == int64(len(mine)) {
				next = 0
			}
			t.last = max(ts, t.last+1, start)
			payload = appendPayload(payload[:0], t, t.last, start)
			c.publish(t.topic, payload)
			sent++
			l.sent.Add(1)
		}
		if err := c.flush(); err != nil {
			return err
		}
		if elapsed >= l.Warmup+l.Window || l.stop.Load() {
			return c.settle(settleWithin)
		}
	}
	return nil // not reached: a ticker's channel is never closed
}

// share is how many samples connection number i has to send in a time; those
// of all connections together are exactly the rate.
func share(rate int, elapsed time.Duration, i int) int64 {
	all := int64(rate) * elapsed.Microseconds() / 1_000_000
	return (all*int64(i+1))/connections - (all*int64(i))/connections
}
