package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"andon/collector/opcua"
	"andon/collector/opcua/probe"

	"github.com/spf13/cobra"
)

// A probeCall is what the flags of andon probe say.
type probeCall struct {
	target
	json bool
	save string
}

func probeCommand() *cobra.Command {
	var p probeCall
	cmd := &cobra.Command{
		Use:   "probe SOURCE",
		Short: "Ask an OPC UA server what it offers, and suggest a configuration",
		Long: `probe asks an OPC UA server for its endpoints and shows their security, how users log in, and the server's
certificate: its fingerprint, until when it is valid, and whether it is trusted. With security and user
given it also logs in and shows the server's limits, namespaces, round trip and clock, and of a configured
source the tags that cannot be read, and why. It ends with the configuration to start from. The exit status is 1 when the server does not answer or the login fails.

` + targetHelp + ` Of an address alone only the endpoints are asked for.`,
		Example: `  andon probe opc.tcp://192.0.2.10:4840                                # what is there?
  andon probe opc.tcp://plc:4840 --save pki/trusted                    # keep its certificate, to trust after a comparison
  andon probe opc.tcp://plc:4840 --trusted pki/trusted --user andon --password-file secrets/plc
  andon probe -c andon.yaml packing                                    # a configured source, with its login`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return p.run(cmd, args[0]) },
	}
	p.addFlags(cmd)
	cmd.Flags().BoolVar(&p.json, "json", false, "the whole report as JSON")
	cmd.Flags().StringVar(&p.save, "save", "", "folder to put the server's certificates into, as SHA-256.der")
	return cmd
}

func (p *probeCall) run(cmd *cobra.Command, arg string) error {
	s, err := p.find(arg, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	var errs []error
	quiet := false
	for _, c := range s.options.Config.Each() {
		server := s.options
		server.Config, server.Tags = c, s.tags
		switch err := p.ask(cmd, probe.Options{Server: server, Session: s.cfg != nil || p.given()}); {
		case errors.Is(err, errQuiet):
			quiet = true
		case err != nil:
			errs = append(errs, err)
		}
	}
	if quiet && errs == nil {
		return errQuiet
	}
	return errors.Join(errs...)
}

// ask asks one server and tells what it says.
func (p *probeCall) ask(cmd *cobra.Command, o probe.Options) error {
	report, err := probe.Ask(cmd.Context(), o)
	if err != nil {
		return err
	}
	if err := p.keep(cmd.ErrOrStderr(), report); err != nil {
		return err
	}
	if p.json {
		e := json.NewEncoder(cmd.OutOrStdout())
		e.SetIndent("", "  ")
		err = e.Encode(report)
	} else {
		err = printReport(cmd.OutOrStdout(), report, o.Session)
	}
	if err == nil && report.SessionError != "" {
		return errQuiet
	}
	return err
}

// keep saves the server's certificates.
func (p *probeCall) keep(told io.Writer, r *probe.Report) error {
	if p.save == "" {
		return nil
	}
	if err := os.MkdirAll(p.save, 0o755); err != nil {
		return err
	}
	for _, c := range r.Certificates {
		file := filepath.Join(p.save, c.SHA256+".der")
		if err := os.WriteFile(file, c.DER, 0o644); err != nil {
			return err
		}
		fmt.Fprintf(told, "%s: compare its SHA-256 with what the server's own tool shows before you trust it\n", file)
	}
	return nil
}

// printReport writes a report for people.
func printReport(w io.Writer, r *probe.Report, tried bool) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(key, format string, args ...any) {
		fmt.Fprintf(out, "%s\t%s\n", key, printable(fmt.Sprintf(format, args...)))
	}
	line("address", "%s", r.Address)
	line("application", "%s, %s", r.Application.Name, r.Application.URI)
	for _, e := range r.Endpoints {
		line("endpoint", "%s/%s, %s%s", e.Policy, e.Mode, strings.Join(e.Users, ", "), transport(e))
	}
	for _, c := range r.Certificates {
		line("certificate", "%s", c.Subject)
		line("  SHA-256", "%s", c.SHA256)
		line("  valid", "%s to %s, %d more days", c.From.Format(time.DateOnly), c.To.Format(time.DateOnly), c.Days)
		line("  names", "%s", strings.Join(append(c.URIs, c.Hosts...), ", "))
		line("  key", "%d bits, %s", c.KeyBits, c.Signature)
		if c.Trusted {
			line("  trusted", "yes")
		} else {
			line("  trusted", "no: %s", c.Why)
		}
	}
	printSession(line, r, tried)
	for _, n := range r.Notes {
		line("note", "%s", n)
	}
	if err := out.Flush(); err != nil {
		return err
	}
	fmt.Fprint(w, "\nTo start from:\n\n"+suggestion(r.Suggested))
	return nil
}

func transport(e probe.Endpoint) string {
	if e.Transport == "" {
		return ""
	}
	return ", over " + e.Transport + " (not for andon)"
}

func printSession(line func(key, format string, args ...any), r *probe.Report, tried bool) {
	s := r.Session
	switch {
	case !tried:
		line("session", "not tried: say --trusted and --user, or --insecure")
		return
	case s == nil:
		line("session", "failed: %s", r.SessionError)
		return
	}
	line("session", "%s as %s: well", s.Policy, s.User)
	line("  product", "%s", s.Product)
	if !s.Started.IsZero() {
		line("  started", "%s", s.Started.UTC().Format(time.RFC3339))
	}
	line("  round trip", "%v", s.RoundTrip.Round(time.Microsecond))
	line("  clock", "%v %s", s.ClockSkew.Abs().Round(time.Millisecond), aheadOrBehind(s.ClockSkew))
	for _, l := range s.Limits {
		if l.Value == 0 {
			line("  "+l.Name, "no limit")
		} else {
			line("  "+l.Name, "%d", l.Value)
		}
	}
	for i, uri := range s.Namespaces {
		line(fmt.Sprintf("  namespace %d", i), "%s", uri)
	}
	printTags(line, s)
}

// mostTroubles is how many tags in trouble are named; all are in the JSON.
const mostTroubles = 50

func printTags(line func(key, format string, args ...any), s *probe.Session) {
	if s.Tags == 0 {
		return
	}
	line("tags", "%d of %d are well", s.Tags-len(s.Troubles), s.Tags)
	for _, t := range s.Troubles[:min(len(s.Troubles), mostTroubles)] {
		line("  "+t.Tag, "%s (%s)", t.Why, t.Address)
	}
	if n := len(s.Troubles) - mostTroubles; n > 0 {
		line("  and more", "%d, see --json", n)
	}
}

func aheadOrBehind(skew time.Duration) string {
	if skew < 0 {
		return "behind this machine's"
	}
	return "ahead of this machine's"
}

// suggestion writes a source for people to start from.
func suggestion(c opcua.Config) string {
	var b strings.Builder
	writeSource(&b, "server", c)
	return b.String()
}

// writeSource writes a source as configuration.
func writeSource(w io.Writer, name string, c opcua.Config) {
	fmt.Fprintf(w, "sources:\n  - name: %s\n    opcua:\n      endpoint: %q\n", name, c.Endpoint)
	if c.Security.Insecure {
		fmt.Fprintf(w, "      security: {policy: %s, insecure: true}\n", c.Security.Policy)
	} else {
		mode := ""
		if c.Security.Mode != "" {
			mode = ", mode: " + c.Security.Mode
		}
		other := ""
		if c.Security.AllowOtherHost {
			other = ", allow_other_host: true"
		}
		fmt.Fprintf(w, "      security: {policy: %s%s, trusted: %q%s}\n", c.Security.Policy, mode, c.Security.Trusted, other)
	}
	switch a := c.Auth; {
	case a.Username != "":
		fmt.Fprintf(w, "      auth: {username: %q, password_file: %q}\n", a.Username, a.PasswordFile)
	case a.CertificateFile != "":
		fmt.Fprintf(w, "      auth: {cert_file: %q, key_file: %q}\n", a.CertificateFile, a.KeyFile)
	}
}
