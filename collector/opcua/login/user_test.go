package login

import (
	"testing"

	"github.com/gopcua/opcua/ua"
)

func TestAPasswordGoesInTheClearOnlyWhereNobodyCanReadIt(t *testing.T) {
	token := func(kind ua.UserTokenType, policy string) *ua.UserTokenPolicy {
		return &ua.UserTokenPolicy{PolicyID: policy, TokenType: kind, SecurityPolicyURI: policy}
	}
	clear := token(ua.UserTokenTypeUserName, ua.SecurityPolicyURINone)
	sealed := token(ua.UserTokenTypeUserName, ua.SecurityPolicyURIBasic256Sha256)
	weak := token(ua.UserTokenTypeUserName, ua.SecurityPolicyURIBasic128Rsa15)
	unknown := token(ua.UserTokenTypeUserName, "http://opcfoundation.org/UA/SecurityPolicy#ECC_nistP256")
	asChannel := token(ua.UserTokenTypeUserName, "")
	anonymous := token(ua.UserTokenTypeAnonymous, "")
	const signed, encrypted, none = ua.MessageSecurityModeSign, ua.MessageSecurityModeSignAndEncrypt, ua.MessageSecurityModeNone
	for name, c := range map[string]struct {
		mode     ua.MessageSecurityMode
		tokens   []*ua.UserTokenPolicy
		named    bool
		insecure bool
		want     *ua.UserTokenPolicy // nil for an error
	}{
		"the encrypted one of two":        {signed, []*ua.UserTokenPolicy{anonymous, clear, sealed}, true, false, sealed},
		"encrypted as the channel":        {signed, []*ua.UserTokenPolicy{asChannel}, true, false, asChannel},
		"in the clear, encrypted channel": {encrypted, []*ua.UserTokenPolicy{clear}, true, false, clear},
		"in the clear, signed channel":    {signed, []*ua.UserTokenPolicy{clear}, true, false, nil},
		"in the clear, insecure":          {none, []*ua.UserTokenPolicy{clear}, true, true, clear},
		"weak, signed channel":            {signed, []*ua.UserTokenPolicy{weak}, true, false, nil},
		"weak, encrypted channel":         {encrypted, []*ua.UserTokenPolicy{weak}, true, false, weak},
		"the known one of two":            {encrypted, []*ua.UserTokenPolicy{unknown, sealed}, true, false, sealed},
		"an unknown one":                  {encrypted, []*ua.UserTokenPolicy{unknown}, true, true, nil},
		"anonymous":                       {signed, []*ua.UserTokenPolicy{clear, anonymous}, false, false, anonymous},
		"no anonymous users":              {signed, []*ua.UserTokenPolicy{clear, sealed}, false, false, nil},
		"no user names":                   {encrypted, []*ua.UserTokenPolicy{anonymous}, true, false, nil},
	} {
		e := &ua.EndpointDescription{SecurityMode: c.mode, SecurityPolicyURI: ua.SecurityPolicyURIBasic256Sha256, UserIdentityTokens: c.tokens}
		if c.mode == none {
			e.SecurityPolicyURI = ua.SecurityPolicyURINone
		}
		who := User{kind: ua.UserTokenTypeAnonymous}
		if c.named {
			who.kind = ua.UserTokenTypeUserName
		}
		got, err := PickToken(e, who, c.insecure)
		if got != c.want || (err == nil) != (c.want != nil) {
			t.Errorf("%s: got %v, error %v; want %v", name, got, err, c.want)
		}
	}
}
