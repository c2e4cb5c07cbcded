package mqtt

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"andon/plant"
)

// stallLimit is how long a full inbox may hold up the connection. It is
// shorter than pingTimeout: while the handler waits nothing is read, answers
// to pings neither, and the session would end anyway with a wrong reason.
const stallLimit = 10 * time.Second

// errStalled ends a session whose messages the bus does not take. The broker
// keeps what is not acknowledged.
var errStalled = errors.New("the bus takes no samples")

// An arrival is a message and when it came.
type arrival struct {
	message paho.Message
	at      plant.Instant
}

// An inbox holds the messages of one session between the connection and the
// worker. Its size bounds memory; when it is full the connection is not read,
// which holds the broker back.
type inbox struct {
	queue  chan arrival
	closed chan struct{} // closed by close, which sets err before
	once   sync.Once
	err    error
}

func newInbox(size int) *inbox {
	return &inbox{queue: make(chan arrival, size), closed: make(chan struct{})}
}

// push hands over one message. It waits while the inbox is full, at most for
// stallLimit, and drops the message when the session is over.
func (in *inbox) push(ctx context.Context, a arrival) {
	select {
	case in.queue <- a:
		return
	default:
	}
	limit := time.NewTimer(stallLimit)
	defer limit.Stop()
	select {
	case in.queue <- a:
	case <-ctx.Done():
	case <-in.closed:
	case <-limit.C:
		in.close(fmt.Errorf("%d messages waited for %v: %w", cap(in.queue), stallLimit, errStalled))
	}
}

// close says that nothing more will come and why; only the first reason
// counts.
func (in *inbox) close(err error) {
	in.once.Do(func() {
		in.err = err
		close(in.closed)
	})
}
