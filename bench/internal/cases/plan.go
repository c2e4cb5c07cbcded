package cases

import "time"

// What a run takes beside its warm-up and measurement, as seen on two cores:
// starting everything, waiting for the first value and for the last.
const (
	aroundLimit     = time.Second
	aroundMQTT      = 2 * time.Second
	aroundDisk      = 6 * time.Second        // of the two sides, Telegraf leaves a backlog
	aroundOPCUA     = 7 * time.Second        // most of it the server
	aroundThousands = 250 * time.Millisecond // for each 1,000 items
)

// Of a search: the tries until the first rate is found and those of a later
// pair, how long one that fails needs to be seen to, and how many runs confirm
// a rate.
const (
	firstTries   = 3
	laterTries   = 1
	failingTries = 5 * time.Second
	confirms     = 1.4
)

// Estimate tells about how long a case takes.
func (r *Rig) Estimate(c Case) time.Duration {
	sides := time.Duration(len(c.sides()))
	switch pairs := time.Duration(r.pairs(c)); {
	case c.Limit != nil:
		return pairs * (aroundLimit + limitWarmup + r.window(c))
	case len(c.Rates) > 0:
		around := r.Warmup + aroundMQTT
		tries := firstTries + (pairs-1)*laterTries
		confirm := time.Duration(float64(around+r.Confirm) * confirms)
		return sides * (tries*(around+r.Try+failingTries) + pairs*confirm)
	default:
		return pairs * sides * (r.Warmup + r.window(c) + c.around())
	}
}

func (c Case) around() time.Duration {
	if o, ok := c.Feed.(OPCUA); ok {
		return aroundOPCUA + time.Duration(o.Nodes)*aroundThousands/1000
	}
	if c.DiskBuffer {
		return aroundDisk
	}
	return aroundMQTT
}
