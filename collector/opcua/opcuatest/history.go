package opcuatest

import (
	"encoding/binary"
	"slices"
	"time"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"
)

// historyValues is how many values one node gives in one HistoryRead, whatever
// a client asks for.
const historyValues = 100

// Historize makes the server keep the history of a variable: its present value
// and all that it is set to from now on.
func (s *Server) Historize(name string) {
	s.space.mu.Lock()
	defer s.space.mu.Unlock()
	x := s.space.vars[name]
	x.historized = true
	x.history = append(x.history, x.value)
}

// record keeps v in the order of source times.
func (x *variable) record(v *ua.DataValue) {
	if !x.historized {
		return
	}
	i, _ := slices.BinarySearchFunc(x.history, v.SourceTimestamp, func(a *ua.DataValue, t time.Time) int {
		if a.SourceTimestamp.After(t) {
			return 1
		}
		return -1
	})
	x.history = slices.Insert(x.history, i, v)
}

// accessLevel is what clients may do with x.
func (x *variable) accessLevel() ua.AccessLevelType {
	if x.historized {
		return ua.AccessLevelTypeCurrentRead | ua.AccessLevelTypeHistoryRead
	}
	return ua.AccessLevelTypeCurrentRead
}

// historyRead answers a HistoryRead of raw values (OPC 10000-11, 6.5.3).
func (s *Server) historyRead(r *ua.HistoryReadRequest) (ua.Response, ua.StatusCode) {
	details, _ := r.HistoryReadDetails.Value.(*ua.ReadRawModifiedDetails)
	limit := s.opts.Limits.HistoryNodes
	switch {
	case len(r.NodesToRead) == 0:
		return nil, ua.StatusBadNothingToDo
	case limit > 0 && len(r.NodesToRead) > int(limit):
		return nil, ua.StatusBadTooManyOperations
	case details == nil || details.IsReadModified:
		return nil, ua.StatusBadHistoryOperationUnsupported
	}
	results, held := make([]*ua.HistoryReadResult, len(r.NodesToRead)), 0
	for i, n := range r.NodesToRead {
		if len(n.ContinuationPoint) > 0 {
			held--
		}
		results[i] = s.historyOf(n, details, r.ReleaseContinuationPoints)
		if r.TimestampsToReturn == ua.TimestampsToReturnSource {
			leaveOutServerTimes(results[i])
		}
		if len(results[i].ContinuationPoint) > 0 {
			held++
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.HistoryReads++
	s.counts.Continuations += held
	s.counts.LargestHistoryRead = max(s.counts.LargestHistoryRead, len(r.NodesToRead))
	return &ua.HistoryReadResponse{ResponseHeader: ok(r), Results: results}, ua.StatusOK
}

// historyOf returns what comes of one node. A continuation point is the number
// of the value that comes next.
func (s *Server) historyOf(n *ua.HistoryReadValueID, d *ua.ReadRawModifiedDetails, release bool) *ua.HistoryReadResult {
	if release {
		return historyResult(ua.StatusOK, nil)
	}
	s.space.mu.Lock()
	defer s.space.mu.Unlock()
	x := s.space.lookup(n.NodeID)
	switch {
	case x == nil:
		return historyResult(ua.StatusBadNodeIDUnknown, nil)
	case !x.historized:
		return historyResult(ua.StatusBadHistoryOperationUnsupported, nil)
	}
	begin := 0
	if len(n.ContinuationPoint) == 8 {
		begin = int(binary.BigEndian.Uint64(n.ContinuationPoint))
	}
	values := []*ua.DataValue{}
	for i := begin; i < len(x.history); i++ {
		v := x.history[i]
		if v.SourceTimestamp.Before(d.StartTime) || !v.SourceTimestamp.Before(d.EndTime) {
			continue
		}
		if len(values) == historyValues || d.NumValuesPerNode > 0 && len(values) == int(d.NumValuesPerNode) {
			result := historyResult(ua.StatusOK, values)
			result.ContinuationPoint = binary.BigEndian.AppendUint64(nil, uint64(i))
			return result
		}
		values = append(values, v)
	}
	if len(values) == 0 {
		return historyResult(ua.StatusGoodNoData, values)
	}
	return historyResult(ua.StatusOK, values)
}

func leaveOutServerTimes(r *ua.HistoryReadResult) {
	d, _ := r.HistoryData.Value.(*ua.HistoryData)
	if d == nil {
		return
	}
	for i, v := range d.DataValues {
		clone := *v
		clone.EncodingMask &^= ua.DataValueServerTimestamp
		d.DataValues[i] = &clone
	}
}

func historyResult(status ua.StatusCode, values []*ua.DataValue) *ua.HistoryReadResult {
	r := &ua.HistoryReadResult{StatusCode: status, HistoryData: ua.NewExtensionObject(nil)}
	if values != nil {
		r.HistoryData = &ua.ExtensionObject{
			TypeID:       ua.NewFourByteExpandedNodeID(0, id.HistoryData_Encoding_DefaultBinary),
			EncodingMask: ua.ExtensionObjectBinary,
			Value:        &ua.HistoryData{DataValues: values},
		}
	}
	return r
}
