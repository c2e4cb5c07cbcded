package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"syscall"
	"time"

	"andon/cmd/plantsim/internal/mqtt"
	"andon/plant/setting"

	"github.com/spf13/pflag"
)

type serveOptions struct {
	scenario, start, truth, data string
	speed                        float64
	loop, wait                   bool
	duration                     time.Duration

	opcuaListen, cert, key           string
	mqttListen, mqttURL              string
	mqttUser, mqttPassword, mqttRoot string
	ownBroker                        bool // --mqtt-listen was given
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
	f.StringVar(&o.mqttListen, "mqtt-listen", "127.0.0.1:1883", "where the plant's own MQTT broker listens")
	f.StringVar(&o.mqttURL, "mqtt-url", "", "use this broker instead, tcp://host:port or ssl://host:port")
	f.StringVar(&o.mqttUser, "mqtt-user", "", "user at that broker")
	f.StringVar(&o.mqttPassword, "mqtt-password-file", "", "file with that user's password")
	f.StringVar(&o.mqttRoot, "mqtt-ca", "", "authority that signed that broker's certificate, PEM (default: the system's)")
	f.StringVar(&o.data, "data", "", "folder of the plant's own broker (default: one that is removed at the end)")
}

func (o *serveOptions) validate() error {
	var errs []error
	if !(o.speed > 0 && o.speed <= 10_000) {
		errs = append(errs, fmt.Errorf("--speed %v: want a number above 0 and at most 10000", o.speed))
	}
	if o.duration < 0 {
		errs = append(errs, fmt.Errorf("--duration %s: want a duration above 0", o.duration))
	}
	if o.mqttURL != "" && o.ownBroker {
		errs = append(errs, errors.New("--mqtt-listen and --mqtt-url: want one of them"))
	}
	if (o.cert == "") != (o.key == "") {
		errs = append(errs, errors.New("--cert and --key: want both or none"))
	}
	return errors.Join(errs...)
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

// brokerURL reads --mqtt-url.
func (o *serveOptions) brokerURL() (*url.URL, error) {
	u, err := url.Parse(o.mqttURL)
	if err == nil {
		err = mqtt.CheckURL(u)
	}
	if err != nil {
		return nil, fmt.Errorf("--mqtt-url: %w", err)
	}
	return u, nil
}

// login returns how to log in at the broker.
func (o *serveOptions) login(broker *url.URL) (mqtt.Options, error) {
	password, err := setting.Read("", setting.File(o.mqttPassword))
	if err != nil {
		return mqtt.Options{}, fmt.Errorf("--mqtt-password-file: %w", err)
	}
	d := mqtt.Options{Broker: broker, User: o.mqttUser, Password: password.Reveal()}
	if u := broker.User; u != nil && d.User == "" {
		d.User = u.Username()
		d.Password, _ = u.Password()
	}
	if o.mqttRoot == "" {
		return d, nil
	}
	pem, err := os.ReadFile(o.mqttRoot)
	if err != nil {
		return d, fmt.Errorf("--mqtt-ca: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return d, fmt.Errorf("--mqtt-ca %s: want a certificate in PEM", o.mqttRoot)
	}
	d.TLS = &tls.Config{RootCAs: pool}
	return d, nil
}
