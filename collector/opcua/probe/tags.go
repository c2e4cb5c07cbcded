package probe

import (
	"context"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua"
	"andon/plant"
)

// A TagTrouble says why a tag has no value that is not Bad.
type TagTrouble struct {
	Tag     string `json:"tag"` // path
	Address string `json:"address"`
	Why     string `json:"why"` // the name of the status, or what is wrong with the address
}

// readTags reads the values of tags once and notes those in trouble.
func (s *Session) readTags(ctx context.Context, client *opcua.Client, tags []*plant.Tag) error {
	var known []*plant.Tag
	var nodes []*ua.ReadValueID
	for _, t := range tags {
		node, err := client.Node(t.Address)
		if err != nil {
			s.Troubles = append(s.Troubles, TagTrouble{t.Path, t.Address, err.Error()})
			continue
		}
		known = append(known, t)
		nodes = append(nodes, &ua.ReadValueID{NodeID: node, AttributeID: ua.AttributeIDValue, DataEncoding: &ua.QualifiedName{}})
	}
	s.Tags = len(tags)
	values, err := client.Read(ctx, nodes)
	if err != nil {
		return err
	}
	for i, v := range values {
		switch {
		case v == nil:
			s.Troubles = append(s.Troubles, TagTrouble{known[i].Path, known[i].Address, "no value"})
		case v.Status&severityBad != 0:
			s.Troubles = append(s.Troubles, TagTrouble{known[i].Path, known[i].Address, statusName(v.Status)})
		}
	}
	return nil
}

// severityBad is the bit of a status that makes it Bad (OPC 10000-4, 7.39.1).
const severityBad = ua.StatusCode(0x80000000)

// statusName names a status for people.
func statusName(s ua.StatusCode) string {
	if d, ok := ua.StatusCodes[s]; ok {
		return d.Name
	}
	return s.Error()
}
