// Package limits holds programs that do one piece of the way from equipment to
// InfluxDB and nothing else, with the libraries that andon uses: what they cost
// is what remains when everything else is free.
//
// Each is a process of its own, which is driven as package generator drives a
// load: it says that it is ready, and answers each line "go" with an event
// "sent" that holds how many samples it has done until then. It ends with its
// input.
package limits

import (
	"bufio"
	"encoding/json"
	"io"
	"time"

	"andon/bench/internal/generator"
)

// serve speaks for a program that is at work: done returns how many samples it
// has handled. It returns when in ends.
func serve(in io.Reader, out io.Writer, done func() int64) error {
	say := json.NewEncoder(out)
	if err := say.Encode(generator.Event{Event: generator.Ready, At: time.Now().UnixMilli()}); err != nil {
		return err
	}
	for lines := bufio.NewScanner(in); lines.Scan(); {
		if lines.Text() != "go" {
			continue
		}
		if err := say.Encode(generator.Event{Event: generator.Sent, At: time.Now().UnixMilli(), Sent: done()}); err != nil {
			return err
		}
	}
	return nil
}
