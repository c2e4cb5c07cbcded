package channel

import (
	"bufio"
	"bytes"
	"testing"

	"github.com/gopcua/opcua/ua"
	"github.com/gopcua/opcua/uasc"

	"andon/collector/opcua/opcuatest"
)

// FuzzGuard feeds answers to OpenSecureChannel requests: only one with the
// policy and the certificate that were agreed passes.
func FuzzGuard(f *testing.F) {
	der, _, err := opcuatest.NewCertificate(opcuatest.CertOptions{})
	if err != nil {
		f.Fatal(err)
	}
	g := &guard{policy: ua.SecurityPolicyURIBasic256Sha256, certificate: der}
	for _, policy := range []string{g.policy, ua.SecurityPolicyURINone, ""} {
		header := uasc.NewAsymmetricSecurityHeader(policy, der, []byte("thumbprint"))
		body, err := header.Encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(append([]byte("OPNF\x00\x00\x00\x00\x01\x00\x00\x00"), body...))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r := bufio.NewReaderSize(bytes.NewReader(b), largestOpen)
		err := g.verify(r, len(b))
		if err == nil && len(b) <= largestOpen && !(bytes.Contains(b, []byte(g.policy)) && bytes.Contains(b, der)) {
			t.Fatalf("an answer without the policy and the certificate passed: %x", b)
		}
	})
}
