package web

import "andon/plant"

// SignTo returns the end of the time that the page offers to sign off: of a
// shift that still runs, that which this page shows.
func (d stopsData) SignTo() plant.Instant {
	return min(d.View.Window.To, plant.Instant(d.Now*1e6))
}
