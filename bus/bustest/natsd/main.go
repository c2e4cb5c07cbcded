// Command natsd is a NATS server with JetStream for tests that need one in a
// process of its own, to kill it. It prints its address and ends when its
// standard input does, so that it never outlives the test.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "natsd:", err)
		os.Exit(1)
	}
}

func run() error {
	o := &server.Options{ServerName: "natsd", Host: "127.0.0.1", JetStream: true, SyncAlways: true, NoSigs: true}
	var ca, cert, key string
	flag.StringVar(&o.StoreDir, "dir", "", "folder of the store")
	flag.IntVar(&o.Port, "port", server.RANDOM_PORT, "port, -1 for a free one")
	flag.StringVar(&o.Username, "user", "", "user, none for everybody")
	flag.StringVar(&o.Password, "password", "", "password of user")
	flag.StringVar(&ca, "ca", "", "certificates that clients must have theirs from")
	flag.StringVar(&cert, "cert", "", "certificate, none for plain text")
	flag.StringVar(&key, "key", "", "key of cert")
	flag.Parse()
	if cert != "" {
		secure, err := secure(ca, cert, key)
		if err != nil {
			return err
		}
		o.TLS, o.TLSConfig, o.TLSTimeout = true, secure, 5
	}
	s, err := server.NewServer(o)
	if err != nil {
		return err
	}
	s.Start()
	if !s.ReadyForConnections(time.Minute) {
		return errors.New("not ready after a minute")
	}
	fmt.Println(s.Addr())
	_, err = io.Copy(io.Discard, os.Stdin)
	s.Shutdown()
	s.WaitForShutdown()
	return err
}

func secure(ca, cert, key string) (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, err
	}
	pem, err := os.ReadFile(ca)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair},
		ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert}, nil
}
