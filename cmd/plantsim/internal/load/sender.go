package load

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"andon/cmd/plantsim/internal/mqtt"

	paho "github.com/eclipse/paho.mqtt.golang"
)

const (
	// queueSize is how many messages a sender keeps while its broker is away
	// or slow; then the plant waits for it.
	queueSize = 10_000
	// window is how many messages of a sender are on the way at once.
	window = 64
	qos    = 1
	// retryAfter is the pause between attempts to reach the broker.
	retryAfter = 500 * time.Millisecond
	// networkTimeout bounds connecting, every write, and the wait for an
	// acknowledgement.
	networkTimeout = 15 * time.Second
	keepAlive      = 10 * time.Second
)

// A sender delivers the messages of some machines in order and keeps each
// until the broker has acknowledged it: after a lost connection it sends
// again what was on the way. Its fields but for queue and acked belong to
// run.
type sender struct {
	id    string
	o     mqtt.Options
	queue chan Message
	acked atomic.Int64 // messages

	client paho.Client
	lost   chan struct{} // closed when the connection of client is lost
	onWay  []sent        // oldest first
	logged string
}

type sent struct {
	msg   Message
	token paho.Token
}

func newSender(id string, o mqtt.Options) *sender {
	return &sender{id: id, o: o, queue: make(chan Message, queueSize)}
}

// run delivers until the queue is closed and everything is acknowledged, or
// ctx is done, which is an error.
func (s *sender) run(ctx context.Context) error {
	defer func() {
		if s.client != nil {
			s.client.Disconnect(100)
		}
	}()
	for {
		if err := s.connect(ctx); err != nil {
			return err
		}
		err := s.deliver(ctx)
		if err == nil || ctx.Err() != nil {
			return err
		}
		s.warn("message not delivered, trying again", err)
		s.client.Disconnect(0)
		s.client = nil
	}
}

// deliver sends what comes in until the queue is closed. An error means that
// the connection is of no more use.
func (s *sender) deliver(ctx context.Context) error {
	for i := range s.onWay {
		s.send(&s.onWay[i])
	}
	queue := s.queue
	timer := time.NewTimer(networkTimeout)
	defer timer.Stop()
	for queue != nil || len(s.onWay) > 0 {
		var oldest <-chan struct{}
		if len(s.onWay) > 0 {
			oldest = s.onWay[0].token.Done()
		} else {
			timer.Reset(networkTimeout)
		}
		in := queue
		if len(s.onWay) >= window {
			in = nil
		}
		select {
		case msg, ok := <-in:
			if !ok {
				queue = nil
				continue
			}
			s.onWay = append(s.onWay, sent{msg: msg})
			s.send(&s.onWay[len(s.onWay)-1])
		case <-oldest:
			if err := s.onWay[0].token.Error(); err != nil {
				return err
			}
			s.onWay = s.onWay[1:]
			s.acked.Add(1)
			timer.Reset(networkTimeout)
		case <-s.lost:
			return errors.New("connection lost")
		case <-timer.C:
			if len(s.onWay) > 0 {
				return errors.New("no acknowledgement from the broker")
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (s *sender) send(m *sent) { m.token = s.client.Publish(m.msg.Topic, qos, false, m.msg.Payload) }

// connect makes sure that there is a connection; an error means that ctx is
// done.
func (s *sender) connect(ctx context.Context) error {
	for s.client == nil {
		err := s.tryConnect(ctx)
		if err == nil {
			break
		}
		s.warn("broker not reached", err)
		select {
		case <-ctx.Done():
			return fmt.Errorf("broker not reached: %w", err)
		case <-time.After(retryAfter):
		}
	}
	return ctx.Err()
}

func (s *sender) tryConnect(ctx context.Context) error {
	lost := make(chan struct{})
	o := paho.NewClientOptions().AddBroker(s.o.Broker.String()).SetClientID(s.id).
		SetUsername(s.o.User).SetPassword(s.o.Password).SetTLSConfig(s.o.TLS).
		SetCleanSession(true).SetAutoReconnect(false).SetConnectRetry(false).SetOrderMatters(false).
		SetKeepAlive(keepAlive).SetConnectTimeout(networkTimeout).SetWriteTimeout(networkTimeout).
		SetConnectionLostHandler(func(paho.Client, error) { close(lost) })
	c := paho.NewClient(o)
	token := c.Connect()
	var err error
	select {
	case <-token.Done():
		err = token.Error()
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		c.Disconnect(0)
		return err
	}
	s.client, s.lost, s.logged = c, lost, ""
	return nil
}

// warn tells trouble once, until it changes.
func (s *sender) warn(msg string, err error) {
	if s.logged != err.Error() {
		s.logged = err.Error()
		s.o.Log.Log(context.Background(), slog.LevelWarn, msg, "client", s.id, "broker", s.o.Broker.Redacted(), "err", err)
	}
}
