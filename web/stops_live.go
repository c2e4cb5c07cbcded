package web

import (
	"fmt"
	"hash/fnv"
	"strconv"
)

// stopsRev changes whenever stops at and below path may have, or what people
// say of them.
func (b *snapshot) stopsRev(path string) string {
	h := fnv.New64a()
	fmt.Fprint(h, b.said) // never fails
	var sum uint64
	for _, e := range b.equipment {
		if below(e.path, path) {
			one := fnv.New64a()
			fmt.Fprintln(one, e.path, e.live.State, e.live.Since, e.live.Stop, e.live.Reason, e.live.Known)
			sum += one.Sum64() // their order on the board does not matter
		}
	}
	fmt.Fprint(h, sum)
	return strconv.FormatUint(h.Sum64(), 36)
}
