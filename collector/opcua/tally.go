package opcua

import "sync"

// The states of items that are in no trouble, as metrics name them.
const (
	stateOK      = "ok"
	statePending = "pending"
	stateTrouble = "trouble"
)

// A tally adds up how many items are in which state, over the subscriptions of
// a source and what it polls. The zero tally is empty. It is safe for concurrent use.
type tally struct {
	mu     sync.Mutex             // guards places
	places map[int]map[string]int // by the place of the subscription, or placePolled: items by state, or by the reason of trouble
}

// show replaces what is counted at place, and shows the sums. Counts belong to
// the tally from then on.
func (t *tally) show(m sourceMetrics, place int, counts map[string]int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.places == nil {
		t.places = map[int]map[string]int{}
	}
	t.places[place] = counts
	sum := func(key string) int {
		n := 0
		for _, counts := range t.places {
			n += counts[key]
		}
		return n
	}
	m.setItems(stateOK, "", sum(stateOK))
	m.setItems(statePending, "", sum(statePending))
	for _, reason := range []string{reasonNode, reasonDenied, reasonFilter, reasonNamespace, reasonSubscription, reasonOther} {
		m.setItems(stateTrouble, reason, sum(reason))
	}
}
