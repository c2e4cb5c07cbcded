package opcua

import (
	"slices"
	"strings"

	"andon/collector/opcua/login"
	"andon/plant/setting"
)

// Security says how the channel is protected and whom to trust.
type Security struct {
	Policy string `yaml:"policy"` // one of the Policy constants
	Mode   string `yaml:"mode"`   // None, Sign or SignAndEncrypt; "" takes the strongest of the policy
	// Insecure must be true for policy None.
	Insecure bool `yaml:"insecure"`
	// CertificateFile and KeyFile are andon's own, PEM or DER; when empty,
	// a pair is made once in the state folder.
	CertificateFile setting.File `yaml:"cert_file"`
	KeyFile         setting.File `yaml:"key_file"`
	// Trusted is a file or a folder of certificates, of servers or of the
	// authorities that issue theirs; or a folder with the folders trusted,
	// issuers and rejected.
	Trusted setting.File `yaml:"trusted"`
	// RequireCRL refuses a server whose authority has no revocation list in
	// the folders, or one that is out of date.
	RequireCRL bool `yaml:"require_crl"`
	// AllowExpired accepts a trusted server whose certificate is not valid
	// yet or no longer.
	AllowExpired bool `yaml:"allow_expired"`
	// AllowOtherHost accepts a server whose certificate is itself trusted and
	// does not name the host of the endpoint, as where controllers are reached
	// by an address that they do not know.
	AllowOtherHost bool `yaml:"allow_other_host"`
}

// Auth says who andon is to the server: nobody in particular, a user with a
// password, or a user with a certificate.
type Auth struct {
	Anonymous    bool           `yaml:"anonymous"` // the default without a user
	Username     string         `yaml:"username"`
	Password     setting.Secret `yaml:"password"`
	PasswordFile setting.File   `yaml:"password_file"`
	// CertificateFile and KeyFile are the user's, PEM or DER.
	CertificateFile setting.File `yaml:"cert_file"`
	KeyFile         setting.File `yaml:"key_file"`
}

// The values of Security.Policy and Security.Mode.
const (
	PolicyNone                = "None"
	PolicyBasic256Sha256      = "Basic256Sha256"
	PolicyAes128Sha256RsaOaep = "Aes128_Sha256_RsaOaep"
	PolicyAes256Sha256RsaPss  = "Aes256_Sha256_RsaPss"
	ModeNone                  = "None"
	ModeSign                  = "Sign"
	ModeSignAndEncrypt        = "SignAndEncrypt"
)

func (s Security) validate() setting.Problems {
	var p setting.Problems
	switch {
	case s.Policy == PolicyNone:
		if s.Mode != "" && s.Mode != ModeNone {
			p.Add("mode", "None with policy None, not %q", s.Mode)
		}
		if !s.Insecure {
			p.Add("insecure", "true with policy None: values and passwords cross the network in the clear")
		}
	case slices.Contains(login.SecurePolicies(), s.Policy):
		if !slices.Contains([]string{"", ModeSign, ModeSignAndEncrypt}, s.Mode) {
			p.Add("mode", "Sign or SignAndEncrypt with policy %s, not %q", s.Policy, s.Mode)
		}
		if s.Trusted == "" {
			p.Add("trusted", "a file or folder with the server's certificate")
		}
	default:
		p.Add("policy", "%s or None, not %q", strings.Join(login.SecurePolicies(), ", "), s.Policy)
	}
	if (s.CertificateFile == "") != (s.KeyFile == "") {
		p.Add("cert_file", "cert_file and key_file together, or neither")
	}
	return p
}

// mode returns Mode, or what it stands for when empty.
func (s Security) mode() string {
	switch {
	case s.Mode != "":
		return s.Mode
	case s.Policy == PolicyNone:
		return ModeNone
	}
	return ModeSignAndEncrypt
}

func (a Auth) validate() setting.Problems {
	var p setting.Problems
	hasPassword := a.Password != "" || a.PasswordFile != ""
	hasCertificate := a.CertificateFile != "" || a.KeyFile != ""
	switch {
	case a.Anonymous && a.Username != "":
		p.Add("anonymous", "false with a username")
	case a.Anonymous && hasCertificate:
		p.Add("anonymous", "false with a user's certificate")
	case a.Username != "" && hasCertificate:
		p.Add("username", "a user name or a user's certificate, not both")
	case a.Username != "" && !hasPassword:
		p.Add("password", "password or password_file for %q", a.Username)
	case a.Username == "" && hasPassword:
		p.Add("username", "a user name for the password")
	}
	if a.Password != "" && a.PasswordFile != "" {
		p.Add("password", "password or password_file, not both")
	}
	if (a.CertificateFile == "") != (a.KeyFile == "") {
		p.Add("cert_file", "cert_file and key_file together, or neither")
	}
	return p
}
