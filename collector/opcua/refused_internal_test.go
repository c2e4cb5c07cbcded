package opcua

import (
	"errors"
	"io"
	"strings"
	"testing"

	"andon/collector"
)

// A standby that refuses the user must not keep andon from a server that is
// only away.
func TestServersRefuseTheUserWhenAllDo(t *testing.T) {
	refused := failure{"opc.tcp://b", collector.Refused{Err: errors.New("wrong password")}}
	for name, c := range map[string]struct {
		list []failure
		want bool
	}{
		"all":         {[]failure{refused, refused}, true},
		"one is away": {[]failure{{"opc.tcp://a", io.EOF}, refused}, false},
	} {
		err := ofAll(c.list)
		if got := errors.As(err, new(collector.Refused)); got != c.want {
			t.Errorf("%s: got refused %t, want %t", name, got, c.want)
		}
		if !strings.Contains(err.Error(), "opc.tcp://b: wrong password") {
			t.Errorf("%s: got %q, want what the second server said", name, err)
		}
	}
}
