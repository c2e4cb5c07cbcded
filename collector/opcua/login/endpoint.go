package login

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gopcua/opcua/ua"
)

// transportTCP is the profile of the only transport there is here; a server
// may list the same policy for HTTPS too.
const transportTCP = "http://opcfoundation.org/UA-Profile/Transport/uatcp-uasc-uabinary"

// PickEndpoint returns the endpoint with exactly that policy and mode, given by
// their names: a weaker one is never taken in its place. The
// error lists what the server offers.
func PickEndpoint(list []*ua.EndpointDescription, policyName, modeName string) (*ua.EndpointDescription, error) {
	policy, mode := ua.FormatSecurityPolicyURI(policyName), ua.MessageSecurityModeFromString(modeName)
	var offered []string
	for _, e := range list {
		if e == nil || e.TransportProfileURI != "" && e.TransportProfileURI != transportTCP {
			continue
		}
		if e.SecurityPolicyURI == policy && e.SecurityMode == mode {
			return e, nil
		}
		offered = append(offered, describe(e))
	}
	if len(offered) == 0 {
		return nil, errors.New("the server offers no endpoint for opc.tcp")
	}
	return nil, fmt.Errorf("security %s/%s: the server offers %s", policyName, modeName, strings.Join(offered, ", "))
}

// describe names an endpoint's policy and mode.
func describe(e *ua.EndpointDescription) string {
	return nameOfPolicy(e.SecurityPolicyURI) + "/" + strings.TrimPrefix(e.SecurityMode.String(), "MessageSecurityMode")
}
