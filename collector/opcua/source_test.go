package opcua_test

import (
	"testing"

	"github.com/gopcua/opcua/ua"

	"andon/collector/collectortest"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

func TestOPCUASourcePassesTheSuite(t *testing.T) {
	collectortest.TestSource(t, func(t *testing.T) collectortest.Rig {
		r := newRig(t, opcuatest.Options{})
		r.config.KeepFor = 0 // so that the acknowledgements of one run ride in no other's requests
		tag := r.add("Admin.ProdProcessedCount", plant.KindInt, int64(0))
		return collectortest.Rig{
			Source: r.source(),
			Tag:    tag,
			Set: func(v plant.Value, s plant.Status) {
				i, _ := v.Int()
				r.set(tag, i, ua.StatusCode(s))
			},
			Lose: func() {
				r.server.Cut()
				r.server.DropSessions() // else its goroutines outlive the connection
			},
			Acked: func() int { return r.server.Counts().Acknowledged },
		}
	})
}
