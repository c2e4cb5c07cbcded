package setting

import (
	"net"
	"net/netip"
	"regexp"
	"strconv"
)

// ListenWish is what is wanted where IsListen is false.
const ListenWish = "host:port with a port of 0 to 65535, such as 127.0.0.1:8080 or :8080"

var (
	hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9.])?$`)
	digits   = regexp.MustCompile(`^[0-9.]+$`)
)

// IsListen reports whether text is an address to listen at: host:port, where
// the host may be left out and port 0 is any that is free. Names are not
// looked up.
func IsListen(text string) bool {
	host, port, err := net.SplitHostPort(text)
	if err != nil || !IsPort(port) && port != "0" {
		return false
	}
	if _, err := netip.ParseAddr(host); host == "" || err == nil {
		return true
	}
	return hostName.MatchString(host) && !digits.MatchString(host)
}

// IsPort reports whether text is the number of a port, 1 to 65535.
func IsPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n > 0
}
