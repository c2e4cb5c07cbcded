package bus

import (
	"context"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	// pullBytes bounds what is under way to a reader.
	pullBytes = 8 << 20
	// pullHeartbeat is how often the server says that it is there; twice as
	// long without a word ends the subscription.
	pullHeartbeat = 2 * time.Second
	pullExpiry    = 30 * time.Second
	// inactive is when the server forgets the consumer of a reader that is
	// gone or does not come any more; a slow one then subscribes again.
	inactive = time.Minute
	// queued is how many messages wait for Fetch; the rest waits in the
	// client's buffer of pullBytes.
	queued = 64
)

// A subscription is one consumer of the stream. What it delivers is numbered
// without gaps; when it breaks, the reader makes a new one.
type subscription struct {
	messages  chan jetstream.Msg
	broken    chan error // of size 1: why it delivers no more
	delivered uint64     // messages taken by the reader

	consume jetstream.ConsumeContext
	stopped chan struct{}
	once    sync.Once
}

// stop ends the subscription. The server forgets it after a while.
func (s *subscription) stop() {
	s.once.Do(func() {
		close(s.stopped)
		s.consume.Stop()
	})
}

// handle is called by the client for one message after the other.
func (s *subscription) handle(m jetstream.Msg) {
	select {
	case s.messages <- m:
	case <-s.stopped:
	}
}

// fault is called by the client when messages may not come any more.
func (s *subscription) fault(_ jetstream.ConsumeContext, err error) {
	select {
	case s.broken <- err:
	default:
	}
}

// subscribe makes a consumer that begins after the reader's position.
func (r *Reader) subscribe(ctx context.Context) error {
	stream, err := r.b.js.Stream(ctx, streamName(r.area))
	if err != nil {
		return err
	}
	info := stream.CachedInfo()
	remade := !r.created.IsZero() && !r.created.Equal(info.Created)
	if remade || r.after > info.State.LastSeq {
		r.b.log.Warn("the stream was made anew, reading from its beginning", "area", r.area.Name, "after", r.after)
		r.after = 0
	}
	r.created = info.Created
	if first := info.State.FirstSeq; first > 0 {
		r.skip(first - 1)
	}
	consumer, err := stream.CreateConsumer(ctx, jetstream.ConsumerConfig{
		DeliverPolicy:     jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:       r.after + 1,
		AckPolicy:         jetstream.AckNonePolicy,
		MemoryStorage:     true,
		Replicas:          1,
		InactiveThreshold: inactive,
	})
	if err != nil {
		return err
	}
	sub := &subscription{messages: make(chan jetstream.Msg, queued), broken: make(chan error, 1), stopped: make(chan struct{})}
	sub.consume, err = consumer.Consume(sub.handle, jetstream.PullMaxBytes(pullBytes),
		jetstream.PullHeartbeat(pullHeartbeat), jetstream.PullExpiry(pullExpiry), jetstream.ConsumeErrHandler(sub.fault))
	if err != nil {
		return err
	}
	r.sub, r.quiet = sub, time.Now()
	return nil
}
