package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"andon/configs"
	"andon/web"

	"github.com/spf13/cobra"
)

// defaultAddress is where andon listens unless its configuration says
// otherwise.
const defaultAddress = "http://127.0.0.1:8080"

// A healthQuestion says whom to ask and what.
type healthQuestion struct {
	file string // configuration that says where andon listens, "" for defaultAddress
	path string // what to ask there
	url  string // all of it, instead of file and path
}

func healthCommand() *cobra.Command {
	var q healthQuestion
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask a running andon how it is",
		Long: `health asks a running andon and prints its answer. The exit status is 1 when it does not answer
or is not well. With -c the configuration says where it listens, whether with TLS, and which
certificate to trust. Containers and scripts without curl use it.`,
		Example: `  andon health -c /etc/andon/andon.yaml                   # is everything well?
  andon health -c /etc/andon/andon.yaml --path /healthz   # does it live?
  andon health --url http://127.0.0.1:8080/readyz`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, address, err := q.where()
			if err != nil {
				return err
			}
			defer client.CloseIdleConnections()
			return health(cmd.Context(), client, address, cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.StringVarP(&q.file, "config", "c", "", "configuration that says where andon listens (without one: "+defaultAddress+")")
	f.StringVar(&q.path, "path", "/readyz", "what to ask there: /readyz or /healthz")
	f.StringVar(&q.url, "url", "", "whole address to ask instead")
	cmd.MarkFlagsMutuallyExclusive("config", "url")
	cmd.MarkFlagsMutuallyExclusive("path", "url")
	return cmd
}

// where returns the address to ask and the client to ask it with.
func (q healthQuestion) where() (*http.Client, string, error) {
	if q.url != "" {
		return http.DefaultClient, q.url, nil
	}
	if q.file == "" {
		return http.DefaultClient, defaultAddress + q.path, nil
	}
	cfg, err := configs.Load(q.file)
	if err != nil {
		return nil, "", err
	}
	// Without a proxy: andon is on this machine.
	client := &http.Client{Transport: &http.Transport{}}
	address := url.URL{Scheme: "http", Host: reachable(cfg.Web.Listen), Path: q.path}
	if cfg.Web.TLS != (web.TLSConfig{}) {
		address.Scheme = "https"
		trust, err := trustOnly(string(cfg.Web.TLS.Cert))
		if err != nil {
			return nil, "", err
		}
		client.Transport = &http.Transport{TLSClientConfig: trust}
	}
	return client, address.String(), nil
}

// reachable returns an address to connect to for one that is listened at.
func reachable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen // the loader has checked it
	}
	switch host {
	case "", "0.0.0.0":
		host = "127.0.0.1"
	case "::":
		host = "::1"
	}
	return net.JoinHostPort(host, port)
}

// trustOnly trusts the certificates in file, for whatever name they were
// made: people reach andon under a name that this machine need not know.
func trustOnly(file string) (*tls.Config, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read certificate: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("read certificate: no certificate in %s", file)
	}
	verify := func(s tls.ConnectionState) error {
		o := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool()}
		if len(s.PeerCertificates) == 0 {
			return errors.New("no certificate shown")
		}
		for _, c := range s.PeerCertificates[1:] {
			o.Intermediates.AddCert(c)
		}
		_, err := s.PeerCertificates[0].Verify(o)
		return err
	}
	// The usual verification would want the name; verify takes its place.
	return &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true, VerifyConnection: verify}, nil
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 1 << 20

func health(ctx context.Context, client *http.Client, address string, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return fmt.Errorf("--url: %w", err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("ask andon: %w", err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(out, io.LimitReader(resp.Body, maxAnswer)); err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("andon is not well: %s", resp.Status)
	}
	return nil
}
