package probe

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua"
)

// A Session is what a server tells whoever is logged in.
type Session struct {
	Policy     string        `json:"policy"`
	Mode       string        `json:"mode"`
	User       string        `json:"user"`       // anonymous, the name, or the file of the certificate
	RoundTrip  time.Duration `json:"round_trip"` // median, ns
	ClockSkew  time.Duration `json:"clock_skew"` // the server's clock less this one, median, ns
	Started    time.Time     `json:"started,omitzero"`
	Product    string        `json:"product,omitempty"`
	Namespaces []string      `json:"namespaces"`
	Limits     []Limit       `json:"limits"` // that the server tells
	Tags       int           `json:"tags"`   // that were read
	Troubles   []TagTrouble  `json:"troubles,omitempty"`
}

// A Limit is what a server bears; 0 is no limit.
type Limit struct {
	Name  string `json:"name"`
	Value uint32 `json:"value"`
}

// clockReads is how many readings of the clock a median is of.
const clockReads = 9

// limits are what is asked for.
var limits = [...]struct {
	name string
	node uint32
}{
	{"MaxNodesPerRead", id.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead},
	{"MaxNodesPerBrowse", id.Server_ServerCapabilities_OperationLimits_MaxNodesPerBrowse},
	{"MaxNodesPerRegisterNodes", id.Server_ServerCapabilities_OperationLimits_MaxNodesPerRegisterNodes},
	{"MaxNodesPerHistoryReadData", id.Server_ServerCapabilities_OperationLimits_MaxNodesPerHistoryReadData},
	{"MaxMonitoredItemsPerCall", id.Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall},
	{"MaxMonitoredItems", id.Server_ServerCapabilities_MaxMonitoredItems},
	{"MaxMonitoredItemsPerSubscription", id.Server_ServerCapabilities_MaxMonitoredItemsPerSubscription},
	{"MaxMonitoredItemsQueueSize", id.Server_ServerCapabilities_MaxMonitoredItemsQueueSize},
	{"MaxSessions", id.Server_ServerCapabilities_MaxSessions},
	{"MaxSubscriptions", id.Server_ServerCapabilities_MaxSubscriptions},
	{"MaxSubscriptionsPerSession", id.Server_ServerCapabilities_MaxSubscriptionsPerSession},
	{"MaxBrowseContinuationPoints", id.Server_ServerCapabilities_MaxBrowseContinuationPoints},
	{"MaxHistoryContinuationPoints", id.Server_ServerCapabilities_MaxHistoryContinuationPoints},
	{"MaxArrayLength", id.Server_ServerCapabilities_MaxArrayLength},
	{"MaxStringLength", id.Server_ServerCapabilities_MaxStringLength},
}

// askSession makes a session and asks what needs one.
func askSession(ctx context.Context, o opcua.Options) (*Session, error) {
	tags := o.Tags
	client, err := opcua.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	s := &Session{Policy: o.Config.Security.Policy, Mode: o.Config.Security.Mode, User: userOf(o.Config.Auth), Namespaces: client.Namespaces()}
	if err := s.readFacts(ctx, client); err != nil {
		return nil, err
	}
	if err := s.readTags(ctx, client, tags); err != nil {
		return nil, err
	}
	return s, s.measure(ctx, client)
}

// userOf names the user of a login.
func userOf(a opcua.Auth) string {
	if a.CertificateFile != "" {
		return "the user of " + string(a.CertificateFile)
	}
	return cmp.Or(a.Username, "anonymous")
}

// readFacts reads limits and what the server says it is.
func (s *Session) readFacts(ctx context.Context, client *opcua.Client) error {
	wanted := []*ua.ReadValueID{
		value(id.Server_ServerStatus_StartTime),
		value(id.Server_ServerStatus_BuildInfo_ManufacturerName),
		value(id.Server_ServerStatus_BuildInfo_ProductName),
		value(id.Server_ServerStatus_BuildInfo_SoftwareVersion),
	}
	facts := len(wanted)
	for _, l := range limits {
		wanted = append(wanted, value(l.node))
	}
	values, err := client.Read(ctx, wanted)
	if err != nil {
		return err
	}
	s.Started, _ = held(values[0]).(time.Time)
	for _, v := range values[1:facts] {
		if text, _ := held(v).(string); text != "" {
			s.Product += " " + text
		}
	}
	if s.Product != "" {
		s.Product = s.Product[1:]
	}
	for i, l := range limits {
		switch n := held(values[facts+i]).(type) {
		case uint32:
			s.Limits = append(s.Limits, Limit{l.name, n})
		case uint16: // continuation points
			s.Limits = append(s.Limits, Limit{l.name, uint32(n)})
		}
	}
	return nil
}

// measure reads the server's clock several times: half a round trip after the
// question was sent it said what time it was.
func (s *Session) measure(ctx context.Context, client *opcua.Client) error {
	var trips, skews []time.Duration
	for range clockReads {
		began := time.Now()
		values, err := client.Read(ctx, []*ua.ReadValueID{value(id.Server_ServerStatus_CurrentTime)})
		if err != nil {
			return fmt.Errorf("read the server's clock: %w", err)
		}
		trip := time.Since(began)
		trips = append(trips, trip)
		if t, ok := held(values[0]).(time.Time); ok {
			skews = append(skews, t.Sub(began.Add(trip/2)))
		}
	}
	s.RoundTrip, s.ClockSkew = median(trips), median(skews)
	return nil
}

// median returns the middle of list, 0 of none.
func median(list []time.Duration) time.Duration {
	if len(list) == 0 {
		return 0
	}
	slices.Sort(list)
	return list[len(list)/2]
}

func value(node uint32) *ua.ReadValueID {
	return &ua.ReadValueID{NodeID: ua.NewNumericNodeID(0, node), AttributeID: ua.AttributeIDValue, DataEncoding: &ua.QualifiedName{}}
}

// held returns what a value holds, nil for a Bad or empty one.
func held(v *ua.DataValue) any {
	if v == nil || v.Value == nil || v.Status&severityBad != 0 {
		return nil
	}
	return v.Value.Value()
}
