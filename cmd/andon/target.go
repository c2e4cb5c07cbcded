package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"andon/collector/opcua"
	"andon/configs"
	"andon/plant"
	"andon/plant/setting"

	"github.com/spf13/cobra"
)

// A target says which OPC UA server a tool asks: that of a configured source,
// or one by its address.
type target struct {
	config                                string
	policy, mode, trusted, cert, key, pki string
	user, pwd, userCert, userKey          string
	insecure, otherHost                   bool
}

// targetHelp explains the flags of a target.
const targetHelp = `SOURCE is the name of a source in the configuration, which then says address, security and user; or an
address opc.tcp://host:port, with flags for the rest. Nothing less secure is tried than what is asked for:
without --insecure the server's certificate must be in --trusted, and name the address's host.`

func (t *target) addFlags(cmd *cobra.Command) {
	configFlag(cmd, &t.config)
	f := cmd.Flags()
	f.StringVar(&t.policy, "policy", "", "security policy for an address (default Basic256Sha256; None with --insecure)")
	f.StringVar(&t.mode, "mode", "", "Sign or SignAndEncrypt for an address (default: the strongest of the policy)")
	f.BoolVar(&t.insecure, "insecure", false, "allow policy None for an address: everything crosses the network in the clear")
	f.StringVar(&t.trusted, "trusted", "", "file or folder with the server's certificate, for an address")
	f.BoolVar(&t.otherHost, "allow-other-host", false, "accept a certificate in --trusted that does not name the address's host")
	f.StringVar(&t.cert, "cert", "", "andon's own certificate, for an address")
	f.StringVar(&t.key, "key", "", "its key")
	f.StringVar(&t.pki, "pki", "", "folder of andon's own certificate, made there once (default: that of the configuration, else pki)")
	f.StringVar(&t.user, "user", "", "user name for an address")
	f.StringVar(&t.pwd, "password-file", "", "file with the user's password")
	f.StringVar(&t.userCert, "user-cert", "", "the user's certificate for an address, instead of a name")
	f.StringVar(&t.userKey, "user-key", "", "its key")
	cmd.ValidArgsFunction = completeSources(&t.config, func(s configs.Source) bool { return s.OPCUA != nil })
	for flag, list := range map[string][]string{
		"policy": {opcua.PolicyBasic256Sha256, opcua.PolicyAes128Sha256RsaOaep, opcua.PolicyAes256Sha256RsaPss, opcua.PolicyNone},
		"mode":   {opcua.ModeSignAndEncrypt, opcua.ModeSign},
	} {
		if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(list, cobra.ShellCompDirectiveNoFileComp)); err != nil {
			panic(err) // the flag was declared above
		}
	}
}

// completeSources completes the first argument with the names of those sources
// that the command takes.
func completeSources(file *string, takes func(configs.Source) bool) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		cfg, err := configs.Load(*file)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var names []string
		for _, s := range cfg.Sources {
			if takes(s) {
				names = append(names, s.Name)
			}
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}

// A server is what a target names.
type server struct {
	options opcua.Options
	cfg     *configs.Config // nil for an address without a configuration
	tree    *plant.Tree     // of cfg
	tags    []*plant.Tag    // that the source reads
}

func isAddress(arg string) bool { return strings.HasPrefix(arg, "opc.tcp://") }

// find returns the server that arg names. log gets what making a session says.
func (t *target) find(arg string, log io.Writer) (server, error) {
	s := server{options: opcua.Options{Log: newLog(configs.Log{Level: "warn", Format: "text"}, log)}}
	if isAddress(arg) {
		return s, t.byAddress(arg, &s)
	}
	if t.given() {
		return s, fmt.Errorf("%s is a source: the configuration says its security and user, the flags are for addresses opc.tcp://…", arg)
	}
	return s, t.bySource(arg, &s)
}

// given reports whether a flag says something of an address.
func (t *target) given() bool {
	return t.insecure || t.otherHost || slices.ContainsFunc([]string{t.policy, t.mode, t.trusted, t.cert, t.key, t.user, t.pwd, t.userCert, t.userKey}, func(v string) bool { return v != "" })
}

func (t *target) byAddress(arg string, s *server) error {
	c := opcua.DefaultConfig()
	c.Endpoint = arg
	c.Security.Insecure, c.Security.Mode, c.Security.Trusted = t.insecure, t.mode, setting.File(t.trusted)
	c.Security.CertificateFile, c.Security.KeyFile, c.Security.AllowOtherHost = setting.File(t.cert), setting.File(t.key), t.otherHost
	switch {
	case t.policy != "":
		c.Security.Policy = t.policy
	case t.insecure:
		c.Security.Policy = opcua.PolicyNone
	}
	c.Auth = opcua.Auth{Username: t.user, PasswordFile: setting.File(t.pwd), CertificateFile: setting.File(t.userCert), KeyFile: setting.File(t.userKey)}
	s.options.Config, s.options.Name, s.options.StateDir = c, "server", t.pki
	if s.options.StateDir == "" {
		s.options.StateDir = "pki"
	}
	return nil
}

func (t *target) bySource(name string, s *server) error {
	cfg, err := configs.Load(t.config)
	if err != nil {
		return err
	}
	src, err := sourceNamed(cfg, name)
	if err != nil {
		return err
	}
	if src.OPCUA == nil {
		return fmt.Errorf("source %s: want an OPC UA source, this one is MQTT", name)
	}
	if s.tree, err = plant.NewTree(cfg.Plant); err != nil {
		return err
	}
	s.cfg, s.tags = cfg, configs.TagsOf(s.tree, name)
	s.options.Config, s.options.Name, s.options.StateDir = *src.OPCUA, name, filepath.Join(string(cfg.DataDir), "pki")
	return nil
}

// sourceNamed returns the source of that name.
func sourceNamed(cfg *configs.Config, name string) (configs.Source, error) {
	names := make([]string, len(cfg.Sources))
	for i, s := range cfg.Sources {
		if s.Name == name {
			return s, nil
		}
		names[i] = s.Name
	}
	if len(names) == 0 {
		return configs.Source{}, errors.New("the configuration has no sources")
	}
	return configs.Source{}, fmt.Errorf("source %q: want one of %s, or an address opc.tcp://host:port", name, setting.Some(names))
}
