package mqtt

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"andon/collector"
	"andon/plant/setting"
)

const (
	// pingTimeout is how long the answer to a ping may take.
	pingTimeout = 15 * time.Second
	// writeTimeout bounds what is sent to a broker that does not read.
	writeTimeout = 10 * time.Second
	// quiesceMs is how long the broker may take to hear that we leave.
	quiesceMs = 250
	// filtersAtOnce is how many topic filters go in one SUBSCRIBE: some
	// brokers end the connection at more than eight.
	filtersAtOnce = 8
	// refused is the code for a refused topic filter (MQTT 3.1.1, 3.9.3).
	refused = 0x80
)

// clientOptions prepares one session. The library's own reconnecting stays
// off: the Supervisor owns it. Messages do not go through it, see conn; a
// broker that kept the session may send them before we have subscribed.
func (s *Source) clientOptions(ctx context.Context, in *inbox, d *dialer) (*paho.ClientOptions, error) {
	u, err := s.config.brokerURL()
	if err != nil {
		return nil, err
	}
	if d.tls, err = s.config.tlsConfig(u); err != nil {
		return nil, err
	}
	password, err := setting.Read(s.config.Password, s.config.PasswordFile)
	if err != nil {
		return nil, err
	}
	o := paho.NewClientOptions()
	o.Servers = append(o.Servers, u)
	o.SetClientID(s.config.ClientID).SetUsername(s.config.Username).SetPassword(password.Reveal())
	o.SetCleanSession(s.config.CleanSession).SetProtocolVersion(4)
	o.SetAutoReconnect(false).SetConnectRetry(false)
	o.SetKeepAlive(s.config.KeepAlive).SetPingTimeout(pingTimeout)
	o.SetConnectTimeout(s.config.ConnectTimeout).SetWriteTimeout(writeTimeout)
	o.SetCustomOpenConnectionFn(d.open(ctx))
	o.SetConnectionLostHandler(func(_ paho.Client, err error) {
		in.close(fmt.Errorf("connection to %s lost: %w", s.config.URL, err))
	})
	return o, nil
}

// connect opens the session. It reports whether the broker had kept one.
func (s *Source) connect(ctx context.Context, client paho.Client, d *dialer) (kept bool, err error) {
	token := client.Connect()
	select {
	case <-token.Done():
	case <-ctx.Done():
		return false, ctx.Err()
	}
	if err := token.Error(); err != nil {
		return false, fmt.Errorf("connect to %s: %w", s.config.URL, err)
	}
	// From here on the end of ctx is told to the broker, not cut.
	d.release()
	c, ok := token.(*paho.ConnectToken)
	return ok && c.SessionPresent(), nil
}

// subscribe asks for all topic filters, also when the broker kept the
// session: the list may have changed. It is an error when none is granted.
func (s *Source) subscribe(ctx context.Context, client paho.Client, in *inbox, status *collector.Status) error {
	granted := 0
	for from := 0; from < len(s.routes); from += filtersAtOnce {
		part := s.routes[from:min(from+filtersAtOnce, len(s.routes))]
		answer, err := s.subscribePart(ctx, client, in, part)
		if err != nil {
			return err
		}
		for _, r := range part {
			if s.noteGranted(r, answer, status) {
				granted++
			}
		}
	}
	if granted == 0 {
		return fmt.Errorf("subscribe at %s: %w", s.config.URL, errNoneGranted)
	}
	return nil
}

var errNoneGranted = errors.New("the broker refused every topic filter")

func (s *Source) subscribePart(ctx context.Context, client paho.Client, in *inbox, part []*route) (map[string]byte, error) {
	filters := make(map[string]byte, len(part))
	names := make([]string, len(part))
	for i, r := range part {
		filters[r.template.filter], names[i] = r.qos, r.template.filter
	}
	limit := time.NewTimer(s.config.ConnectTimeout)
	defer limit.Stop()
	token := client.SubscribeMultiple(filters, nil)
	select {
	case <-token.Done():
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-in.closed:
		return nil, in.err
	case <-limit.C:
		return nil, fmt.Errorf("subscribe to %s: no answer within %v", clip(strings.Join(names, " ")), s.config.ConnectTimeout)
	}
	if err := token.Error(); err != nil {
		return nil, fmt.Errorf("subscribe to %s: %w", clip(strings.Join(names, " ")), err)
	}
	t, ok := token.(*paho.SubscribeToken)
	if !ok {
		return nil, nil
	}
	return t.Result(), nil
}

// noteGranted reports whether the broker granted r's filter, and tells of a
// refusal or a lower QoS.
func (s *Source) noteGranted(r *route, answer map[string]byte, status *collector.Status) bool {
	qos, answered := answer[r.template.filter]
	text := ""
	switch {
	case !answered || qos == refused:
		text = "the broker refused the subscription"
	case qos < r.qos:
		text = "the broker grants QoS 0 only: messages may be lost on the way"
	}
	if status.OwnTrouble(clip(r.template.filter), text) {
		if text == "" {
			s.log.Info("subscription granted", "topic_filter", r.template.filter)
		} else {
			s.log.Warn("subscription not granted as asked", "topic_filter", r.template.filter, "problem", text)
		}
	}
	return answered && qos != refused
}
