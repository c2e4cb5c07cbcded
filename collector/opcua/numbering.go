package opcua

// maxAnnounced bounds the numbers of keep-alives that are remembered.
const maxAnnounced = 1000

// A numbering tells whether a number that is missing was ever that of a
// message with values. A keep-alive has the number of the message that comes
// next; some servers give it one of its own, which then is missed for nothing.
// It belongs to the sequencer.
type numbering struct {
	announced map[uint32]bool // by keep-alives
	standard  bool            // a message had the number that a keep-alive announced
}

func (n *numbering) keepAlive(seq uint32) {
	if n.standard {
		return
	}
	if n.announced == nil || len(n.announced) >= maxAnnounced {
		n.announced = map[uint32]bool{}
	}
	n.announced[seq] = true
}

func (n *numbering) message(seq uint32) {
	if n.announced[seq] {
		n.standard, n.announced = true, nil
	}
}

// lost reports whether the message with a number that nobody has had values.
func (n *numbering) lost(seq uint32) bool { return !n.announced[seq] }
