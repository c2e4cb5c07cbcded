package mqtt

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"sync/atomic"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// A dialer opens the connection of one session so that the end of ctx also
// ends an attempt in progress.
type dialer struct {
	tls *tls.Config
	// take receives the messages of the connection.
	take *intake
	// narrow is true while the connection should be read without pauses.
	narrow atomic.Bool
	// conn is the connection once it is open.
	conn *conn
	// release ends the hold that ctx has on the connection; nil before one
	// is open.
	release func() bool
}

// open returns what paho calls to connect. It follows tcp:// and ssl:// URLs
// itself; the web socket handshake is paho's.
func (d *dialer) open(ctx context.Context) paho.OpenConnectionFunc {
	return func(u *url.URL, o paho.ClientOptions) (net.Conn, error) {
		attempt, cancel := context.WithTimeout(ctx, o.ConnectTimeout)
		defer cancel()
		c, err := d.dial(attempt, u, o)
		if err != nil {
			return nil, err
		}
		d.conn = newConn(c, d.take)
		d.release = context.AfterFunc(ctx, func() { _ = c.Close() })
		return d.conn, nil
	}
}

func (d *dialer) dial(ctx context.Context, u *url.URL, o paho.ClientOptions) (net.Conn, error) {
	if u.Scheme == "ws" || u.Scheme == "wss" {
		return paho.NewWebsocket(u.String(), d.tls, o.ConnectTimeout, nil, &paho.WebsocketOptions{ReadBufferSize: readSize})
	}
	var nd net.Dialer
	conn, err := nd.DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return nil, err
	}
	conn = newPatient(conn, &d.narrow)
	if !encrypted(u.Scheme) {
		return conn, nil
	}
	// TLS hands over record by record, and many brokers make one of each
	// message: what gathers must stand below it.
	secured := tls.Client(buffered{conn, bufio.NewReaderSize(conn, readSize)}, d.tls)
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return secured, nil
}

// A buffered is a connection that is read through a buffer.
type buffered struct {
	net.Conn
	buffer *bufio.Reader
}

// Read is for one goroutine at a time.
func (b buffered) Read(p []byte) (int, error) { return b.buffer.Read(p) }

// acknowledge sends acknowledgements. When it fails the connection is closed:
// a part of a packet may be on its way.
func (d *dialer) acknowledge(acks []byte) error {
	if _, err := d.conn.Write(acks); err != nil {
		_ = d.conn.Close()
		return err
	}
	return nil
}

// brokerURL returns the URL with its port.
func (c Config) brokerURL() (*url.URL, error) {
	u, err := url.Parse(c.URL)
	if err != nil {
		return nil, err
	}
	if port, _ := defaultPort(u.Scheme); u.Port() == "" {
		u.Host = net.JoinHostPort(u.Hostname(), port)
	}
	return u, nil
}

// tlsConfig reads the files of c.TLS, at every session anew so that renewed
// certificates are taken. It is nil for a URL without TLS.
func (c Config) tlsConfig(u *url.URL) (*tls.Config, error) {
	if !encrypted(u.Scheme) {
		return nil, nil
	}
	t := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: c.TLS.ServerName}
	if t.ServerName == "" {
		t.ServerName = u.Hostname()
	}
	if c.TLS.CAFile != "" {
		pem, err := os.ReadFile(string(c.TLS.CAFile))
		if err != nil {
			return nil, fmt.Errorf("read tls.ca_file: %w", err)
		}
		t.RootCAs = x509.NewCertPool()
		if !t.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("read tls.ca_file: %w", errNoCertificate)
		}
	}
	if c.TLS.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(string(c.TLS.CertFile), string(c.TLS.KeyFile))
		if err != nil {
			return nil, fmt.Errorf("read tls.cert_file: %w", err)
		}
		t.Certificates = []tls.Certificate{pair}
	}
	return t, nil
}

var errNoCertificate = errors.New("want certificates in PEM")
