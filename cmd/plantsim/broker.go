package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"andon/cmd/plantsim/internal/mqtt"
	"andon/plant/setting"

	"github.com/spf13/pflag"
)

// brokerOptions say which MQTT broker the plant uses: its own or another.
type brokerOptions struct {
	mqttListen, mqttURL              string
	mqttUser, mqttPassword, mqttRoot string
	data                             string // folder of the own broker, "" for one that is removed at the end
	ownBroker                        bool   // --mqtt-listen was given
}

func (o *brokerOptions) addBrokerFlags(f *pflag.FlagSet) {
	f.StringVar(&o.mqttListen, "mqtt-listen", "127.0.0.1:1883", "where the plant's own MQTT broker listens")
	f.StringVar(&o.mqttURL, "mqtt-url", "", "use this broker instead, tcp://host:port or ssl://host:port")
	f.StringVar(&o.mqttUser, "mqtt-user", "", "user at that broker")
	f.StringVar(&o.mqttPassword, "mqtt-password-file", "", "file with that user's password")
	f.StringVar(&o.mqttRoot, "mqtt-ca", "", "authority that signed that broker's certificate, PEM (default: the system's)")
	f.StringVar(&o.data, "data", "", "folder of the plant's own broker (default: one that is removed at the end)")
}

func (o *brokerOptions) validate() error {
	if o.mqttURL != "" && o.ownBroker {
		return errors.New("--mqtt-listen and --mqtt-url: want one of them")
	}
	return nil
}

// open starts the plant's own broker, unless there is another.
func (o *brokerOptions) open() (broker *url.URL, closeBroker func() error, err error) {
	if o.mqttURL != "" {
		broker, err = o.brokerURL()
		return broker, func() error { return nil }, err
	}
	dir := o.data
	if dir != "" {
		dir = filepath.Join(dir, "broker")
	}
	b, err := mqtt.StartBroker(o.mqttListen, dir)
	if err != nil {
		return nil, nil, explain(err, "--mqtt-listen", o.mqttListen)
	}
	return b.URL(), b.Close, nil
}

// brokerURL reads --mqtt-url.
func (o *brokerOptions) brokerURL() (*url.URL, error) {
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
func (o *brokerOptions) login(broker *url.URL) (mqtt.Options, error) {
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
