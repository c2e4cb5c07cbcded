package telegraf

import (
	"fmt"
	"strings"
)

// A Node is one variable of an OPC UA server in namespace 1.
type Node struct {
	// ID is its text identifier.
	ID string
	// Field, Line and Machine say how it is stored.
	Field, Line, Machine string
}

// OPCUAMeasurement is where the nodes are stored: one field for each tag of a
// machine, with the tags line and machine, as andon does.
const OPCUAMeasurement = "plant"

// OPCUA returns the input that subscribes to nodes of a server without
// encryption, with the time stamps of the source. The server keeps as many
// values for it as andon asks for; of its own accord it asks for ten.
func OPCUA(endpoint string, nodes []Node) string {
	var b strings.Builder
	fmt.Fprintf(&b, `
[[inputs.opcua_listener]]
  name = "opc"
  endpoint = %q
  security_policy = "None"
  security_mode = "None"
  auth_method = "Anonymous"
  timestamp = "source"
  subscription_interval = "100ms"
  [[inputs.opcua_listener.group]]
    name = %q
    namespace = "1"
    identifier_type = "s"
`, endpoint, OPCUAMeasurement)
	for _, n := range nodes {
		fmt.Fprintf(&b, `    [[inputs.opcua_listener.group.nodes]]
      name = %q
      identifier = %q
      default_tags = { line=%q, machine=%q }
      monitoring_params = { queue_size = 100, discard_oldest = true }
`, n.Field, n.ID, n.Line, n.Machine)
	}
	return b.String()
}
