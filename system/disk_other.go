//go:build !linux && !darwin && !freebsd

package system

import "errors"

// roomAt is not known here.
func roomAt(string) (free, all int64, err error) {
	return 0, 0, errors.New("the room on the disk is not known on this system")
}
