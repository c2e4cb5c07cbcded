package alerts

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"andon/plant"
)

// hash makes an id of 32 hexadecimal digits from its parts.
func hash(parts ...any) string {
	h := sha256.New()
	for _, p := range parts {
		// %q keeps parts apart whatever they hold.
		fmt.Fprintf(h, "%q\n", fmt.Sprint(p))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// A mint makes ids of alarms from rule, equipment and time of the raise. A
// coarse clock can put two raises of one condition at the same time in both
// times; they are counted apart.
type mint struct {
	Now    plant.Instant  `json:"now,omitzero"`
	Minted map[string]int `json:"minted,omitempty"` // ids made at Now
}

func (m *mint) alarm(k key, event, now plant.Instant) string {
	if m.Now != now || m.Minted == nil {
		m.Now, m.Minted = now, map[string]int{}
	}
	id := hash("alarm", k.rule, k.equipment, int64(event), int64(now))
	m.Minted[id]++
	if n := m.Minted[id]; n > 1 {
		return hash("alarm", k.rule, k.equipment, int64(event), int64(now), n)
	}
	return id
}
