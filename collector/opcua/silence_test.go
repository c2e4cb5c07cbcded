package opcua

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// However long an operator has the server wait, three keep-alives are what it has.
func TestADeadLinkIsNoticedAfterThreeKeepAlives(t *testing.T) {
	for _, keepAlive := range []time.Duration{200 * time.Millisecond, 2500 * time.Millisecond, time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			sub := &subscription{keepAlive: keepAlive, requests: &publishing{}}
			sub.watch.asked(time.Now())
			began := time.Now()
			err := sub.watchSilence(t.Context())
			if got := time.Since(began); !errors.Is(err, errSilent) || got <= 3*keepAlive || got > 3*keepAlive+keepAlive/2 {
				t.Errorf("keep-alive %v: got error %v after %v, want silence told right after three of them", keepAlive, err, got)
			}
		})
	}
}

func TestALinkThatSpeaksOnceInTwoKeepAlivesIsNotDead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sub := &subscription{keepAlive: time.Second, requests: &publishing{}}
		sub.watch.asked(time.Now())
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- sub.watchSilence(ctx) }()
		for range 20 {
			time.Sleep(2 * time.Second)
			sub.watch.asked(time.Now())
			sub.watch.answered(time.Now(), lives)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("got error %v, want none", err)
		}
	})
}
