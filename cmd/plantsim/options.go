package main

import (
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/spf13/pflag"
)

type serveOptions struct {
	brokerOptions
	scenario, start, truth string
	speed                  float64
	loop, wait             bool
	duration               time.Duration

	opcuaListen, cert, key string
}

func (o *serveOptions) addFlags(f *pflag.FlagSet) {
	f.StringVar(&o.scenario, "scenario", "showcase", "name of a scenario, or a file")
	f.BoolVar(&o.loop, "loop", false, "repeat the scenario for ever")
	f.DurationVar(&o.duration, "duration", 0, "end after this much plant time (default: with the scenario)")
	f.StringVar(&o.start, "start", "", "the plant's time when the scenario starts, RFC 3339; one to come is waited for (default: now)")
	f.Float64Var(&o.speed, "speed", 1, "how much faster than real time the plant's clock runs")
	f.BoolVar(&o.wait, "wait", false, "start the scenario when the first OPC UA client subscribes")
	f.StringVar(&o.truth, "truth", "", "file for every value that the plant tells, one JSON line each")
	f.StringVar(&o.opcuaListen, "opcua-listen", "127.0.0.1:4840", "where the OPC UA server listens")
	f.StringVar(&o.cert, "cert", "", "certificate of the OPC UA server, PEM; adds Basic256Sha256")
	f.StringVar(&o.key, "key", "", "its RSA key, PEM")
	o.addBrokerFlags(f)
}

func (o *serveOptions) validate() error {
	var errs []error
	if !(o.speed > 0 && o.speed <= 10_000) {
		errs = append(errs, fmt.Errorf("--speed %v: want a number above 0 and at most 10000", o.speed))
	}
	if o.duration < 0 {
		errs = append(errs, fmt.Errorf("--duration %s: want a duration above 0", o.duration))
	}
	if (o.cert == "") != (o.key == "") {
		errs = append(errs, errors.New("--cert and --key: want both or none"))
	}
	return errors.Join(append(errs, o.brokerOptions.validate())...)
}

// parseStart reads the plant's time in whole milliseconds, which is what MQTT
// messages carry.
func parseStart(text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || t.Nanosecond()%int(time.Millisecond) != 0 {
		return time.Time{}, fmt.Errorf("--start %q: want a time in whole milliseconds such as 2026-03-02T08:00:00Z", text)
	}
	return t.UTC(), nil
}

// explain says what to do about an address that cannot be listened at.
func explain(err error, flag, addr string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("listen at %s: the port is taken; stop the other program or choose another with %s", addr, flag)
	}
	return fmt.Errorf("%s %s: %w", flag, addr, err)
}
