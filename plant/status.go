package plant

import (
	"fmt"
	"strconv"
	"strings"
)

// A Status is an OPC UA StatusCode (OPC 10000-4, 7.39). Its two highest bits
// are the severity: Good, Uncertain or Bad. It stays with the value to the
// end; computing code says what it does with Uncertain and Bad.
type Status uint32

// The status codes that andon itself sets or names. The numbers are those of
// OPC 10000-6, annex A.
const (
	Good                     Status = 0
	Uncertain                Status = 0x40000000
	UncertainLastUsableValue Status = 0x40900000
	Bad                      Status = 0x80000000
	BadCommunicationError    Status = 0x80050000
	BadNoCommunication       Status = 0x80310000
	BadOutOfRange            Status = 0x803C0000
	BadTypeMismatch          Status = 0x80740000
	BadNodeIDUnknown         Status = 0x80340000
	BadOutOfService          Status = 0x808D0000
	BadSensorFailure         Status = 0x808C0000
)

var statusNames = []struct {
	code Status
	name string
}{
	{Good, "good"}, {Uncertain, "uncertain"}, {Bad, "bad"},
	{UncertainLastUsableValue, "uncertain_last_usable_value"},
	{BadCommunicationError, "bad_communication_error"},
	{BadNoCommunication, "bad_no_communication"},
	{BadOutOfRange, "bad_out_of_range"},
	{BadTypeMismatch, "bad_type_mismatch"},
	{BadNodeIDUnknown, "bad_node_id_unknown"},
	{BadOutOfService, "bad_out_of_service"},
	{BadSensorFailure, "bad_sensor_failure"},
}

// IsGood reports whether the severity is Good.
func (s Status) IsGood() bool { return s>>30 == 0 }

// IsUncertain reports whether the severity is Uncertain.
func (s Status) IsUncertain() bool { return s>>30 == 1 }

// IsBad reports whether the severity is Bad (10) or reserved (11).
func (s Status) IsBad() bool { return s>>31 == 1 }

// Severity returns "good", "uncertain" or "bad".
func (s Status) Severity() string {
	switch {
	case s.IsBad():
		return "bad"
	case s.IsUncertain():
		return "uncertain"
	}
	return "good"
}

// String returns the name of s, or its hexadecimal number.
func (s Status) String() string {
	for _, n := range statusNames {
		if n.code == s {
			return n.name
		}
	}
	return fmt.Sprintf("0x%08X", uint32(s))
}

// ParseStatus reads a name that String returns, a number such as 0x80310000,
// or "" for Good.
func ParseStatus(text string) (Status, error) {
	if text == "" {
		return Good, nil
	}
	lower := strings.ToLower(text)
	for _, n := range statusNames {
		if n.name == lower {
			return n.code, nil
		}
	}
	u, err := strconv.ParseUint(lower, 0, 32)
	if err != nil {
		return 0, fmt.Errorf("status %.40q: want good, uncertain, bad or a number such as 0x80310000", text)
	}
	return Status(u), nil
}
