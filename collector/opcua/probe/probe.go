package probe

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua"
)

// A Report is what a server was found to be. Texts of the server are as it
// sent them.
type Report struct {
	Address      string        `json:"address"`
	Application  Application   `json:"application"`
	Endpoints    []Endpoint    `json:"endpoints"`
	Certificates []Certificate `json:"certificates"` // each once
	// Session is nil when none was tried or none could be made.
	Session *Session `json:"session,omitempty"`
	// SessionError says why none could be made.
	SessionError string `json:"session_error,omitempty"`
	// Suggested is the configuration to start from.
	Suggested opcua.Config `json:"-"`
	// Notes are what an operator should know of all this.
	Notes []string `json:"notes,omitempty"`
}

// An Application is what a server says it is.
type Application struct {
	Name       string `json:"name"`
	URI        string `json:"uri"`
	ProductURI string `json:"product_uri"`
}

// An Endpoint is one way to connect.
type Endpoint struct {
	URL         string   `json:"url"`
	Policy      string   `json:"policy"` // such as Basic256Sha256
	Mode        string   `json:"mode"`
	Level       uint8    `json:"level"`                 // the server's own order, more is better
	Users       []string `json:"users"`                 // anonymous, user name (Basic256Sha256), certificate, issued token
	Certificate string   `json:"certificate,omitempty"` // SHA-256
	Transport   string   `json:"transport,omitempty"`   // unless it is opc.tcp
}

// Options are what Ask needs.
type Options struct {
	Server opcua.Options // its Tags are read once
	// Session says to make a session with the security and user of Server.
	Session bool
}

// Ask asks a server. It is an error when it does not tell its endpoints; a
// session that cannot be made is part of the Report.
func Ask(ctx context.Context, o Options) (*Report, error) {
	c := o.Server.Config
	list, err := opcua.Endpoints(ctx, c)
	if err != nil {
		return nil, err
	}
	r := &Report{Address: c.Endpoint}
	now := time.Now()
	for _, e := range list {
		if e == nil {
			continue
		}
		r.addCertificate(c, e, now)
		r.addEndpoint(e)
	}
	r.suggest(c)
	r.note()
	if !o.Session {
		return r, nil
	}
	if r.Session, err = askSession(ctx, o.Server); err != nil {
		r.SessionError = err.Error()
	}
	return r, nil
}

func (r *Report) addEndpoint(e *ua.EndpointDescription) {
	if s := e.Server; s != nil && r.Application == (Application{}) {
		r.Application = Application{URI: s.ApplicationURI, ProductURI: s.ProductURI}
		if s.ApplicationName != nil {
			r.Application.Name = s.ApplicationName.Text
		}
	}
	x := Endpoint{URL: e.EndpointURL, Policy: lastPart(e.SecurityPolicyURI), Mode: strings.TrimPrefix(e.SecurityMode.String(), "MessageSecurityMode"), Level: e.SecurityLevel}
	if t := lastPart(e.TransportProfileURI); t != "uatcp-uasc-uabinary" {
		x.Transport = t
	}
	if len(e.ServerCertificate) > 0 {
		x.Certificate = fingerprint(e.ServerCertificate)
	}
	for _, t := range e.UserIdentityTokens {
		if t != nil {
			x.Users = append(x.Users, userText(t))
		}
	}
	r.Endpoints = append(r.Endpoints, x)
}

// userText names what a user may log in with.
func userText(t *ua.UserTokenPolicy) string {
	text := map[ua.UserTokenType]string{ua.UserTokenTypeAnonymous: "anonymous", ua.UserTokenTypeUserName: "user name",
		ua.UserTokenTypeCertificate: "certificate", ua.UserTokenTypeIssuedToken: "issued token"}[t.TokenType]
	if text == "" {
		text = t.TokenType.String()
	}
	if t.SecurityPolicyURI != "" && t.TokenType != ua.UserTokenTypeAnonymous {
		text += " (" + lastPart(t.SecurityPolicyURI) + ")"
	}
	return text
}

// lastPart returns what a URI ends with, behind # or the last /.
func lastPart(uri string) string { return uri[strings.LastIndexAny(uri, "#/")+1:] }

// note says what an operator might stumble over.
func (r *Report) note() {
	asked, err := url.Parse(r.Address)
	if err != nil {
		return
	}
	var others []string
	for _, e := range r.Endpoints {
		u, err := url.Parse(e.URL)
		if err == nil && u.Host != "" && !strings.EqualFold(u.Hostname(), asked.Hostname()) && !slices.Contains(others, u.Host) {
			others = append(others, u.Host)
		}
	}
	if len(others) > 0 {
		r.Notes = append(r.Notes, "the server calls itself "+strings.Join(others, ", ")+"; andon connects to the address that it is given")
	}
	if !slices.ContainsFunc(r.Endpoints, func(e Endpoint) bool { return e.Policy != "None" }) {
		r.Notes = append(r.Notes, "the server offers no security: switch it on there if it can")
	}
	if slices.ContainsFunc(r.Endpoints, func(e Endpoint) bool { return e.Policy == "None" && slices.Contains(e.Users, "anonymous") }) {
		r.Notes = append(r.Notes, "anybody on the network can connect without security and without a user")
	}
}

// suggest makes the configuration for the strongest security that andon and
// the server both know.
func (r *Report) suggest(given opcua.Config) {
	c := opcua.DefaultConfig()
	c.Endpoint = r.Address
	best := r.strongest()
	if best == nil {
		c.Security = opcua.Security{Policy: opcua.PolicyNone, Insecure: true}
		best = &Endpoint{}
		for _, e := range r.Endpoints {
			if e.Policy == opcua.PolicyNone {
				best = &e
			}
		}
	} else {
		c.Security.Policy, c.Security.Mode, c.Security.AllowOtherHost = best.Policy, best.Mode, given.Security.AllowOtherHost
		if c.Security.Trusted = given.Security.Trusted; c.Security.Trusted == "" {
			c.Security.Trusted = "pki/trusted"
		}
	}
	c.Auth = suggestUser(best.Users, given.Auth)
	r.Suggested = c
}

// suggestUser returns how to log in: as was tried, else by what the server
// admits.
func suggestUser(admitted []string, given opcua.Auth) opcua.Auth {
	admits := func(kind string) bool {
		return slices.ContainsFunc(admitted, func(u string) bool { return strings.HasPrefix(u, kind) })
	}
	switch {
	case given.Username != "" || given.CertificateFile != "":
		return given
	case admits("anonymous"):
		return opcua.Auth{}
	case admits("certificate") && !admits("user name"):
		return opcua.Auth{CertificateFile: "pki/user.pem", KeyFile: "pki/user.key"}
	}
	return opcua.Auth{Username: "andon", PasswordFile: "secrets/opcua"}
}

// strongest returns the endpoint to use, nil when only None is left.
func (r *Report) strongest() *Endpoint {
	for _, policy := range []string{"Aes256_Sha256_RsaPss", "Aes128_Sha256_RsaOaep", "Basic256Sha256"} {
		for _, mode := range []string{opcua.ModeSignAndEncrypt, opcua.ModeSign} {
			i := slices.IndexFunc(r.Endpoints, func(e Endpoint) bool { return e.Policy == policy && e.Mode == mode && e.Transport == "" })
			if i >= 0 && knows(policy, mode) {
				return &r.Endpoints[i]
			}
		}
	}
	return nil
}

// knows reports whether andon's configuration takes a policy and mode.
func knows(policy, mode string) bool {
	c := opcua.DefaultConfig()
	c.Endpoint = "opc.tcp://server:4840"
	c.Security = opcua.Security{Policy: policy, Mode: mode, Trusted: "pki/trusted"}
	return len(c.Validate()) == 0
}
