package opcua_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// With the signature of its answer a server shows in every session anew that it
// owns its certificate (OPC 10000-4, 5.7.2).
func TestASessionWhoseServerDoesNotProveItsCertificateIsRefused(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var first []byte
	for name, c := range map[string]struct {
		signed func([]byte) []byte
		fine   int // sessions that are made before it is wrong
	}{
		"one that is wrong": {signed: func(b []byte) []byte {
			wrong := slices.Clone(b)
			wrong[0]++
			return wrong
		}},
		"none": {signed: func([]byte) []byte { return nil }},
		"that of an earlier session": {fine: 1, signed: func(b []byte) []byte {
			mu.Lock()
			defer mu.Unlock()
			if first == nil {
				first = slices.Clone(b)
			}
			return first
		}},
	} {
		t.Run(name, func(t *testing.T) {
			r := secureRig(t, opcuatest.Options{Signed: c.signed}, opcuatest.CertOptions{})
			tag := r.add("Total", plant.KindInt, int64(1))
			for range c.fine {
				x := r.start()
				r.sink.WaitValue(t, tag, plant.Int(1))
				x.stop()
			}
			before := len(r.sink.Samples())
			if err := r.run().fails().Error(); !strings.Contains(err, "the server's signature is wrong") {
				t.Errorf("Run: got error %q, want that the signature is wrong", err)
			}
			if got := len(r.sink.Samples()) - before; got != 0 || r.server.Counts().SessionsActive != 0 {
				t.Errorf("got %d samples and %d sessions, want none", got, r.server.Counts().SessionsActive)
			}
		})
	}
}
