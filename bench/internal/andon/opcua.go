package andon

import "fmt"

// OPCUA says how to reach an OPC UA server.
type OPCUA struct {
	Endpoint string
	// Trusted is the file with the server's certificate; "" connects without
	// encryption. User and Password log in, anonymously when they are "".
	Trusted, User, Password string
}

// YAML returns the section sources. Values come every 100 ms, as Telegraf asks
// for them; everything else is the default.
func (o OPCUA) YAML() string {
	security, auth := "{policy: None, insecure: true}", "{anonymous: true}"
	if o.Trusted != "" {
		security = fmt.Sprintf("{policy: Basic256Sha256, mode: SignAndEncrypt, trusted: %q, allow_other_host: true}", o.Trusted) // its own certificate does not name 127.0.0.1
	}
	if o.User != "" {
		auth = fmt.Sprintf("{username: %q, password: %q}", o.User, o.Password)
	}
	return fmt.Sprintf(`sources:
  - name: load
    opcua:
      endpoint: %s
      security: %s
      auth: %s
      publishing_interval: 100ms
`, o.Endpoint, security, auth)
}
