package opcua

import "andon/plant/setting"

// History says how what was missed is read from the server's history.
type History struct {
	// Backfill reads it where the server keeps one; else only the gap is told.
	Backfill bool `yaml:"backfill"`
	// ValuesPerSecond bounds how fast.
	ValuesPerSecond int `yaml:"values_per_second"`
}

func defaultHistory() History { return History{Backfill: true, ValuesPerSecond: 5000} }

func (h History) validate() setting.Problems {
	var p setting.Problems
	if h.ValuesPerSecond < 1 {
		p.Add("values_per_second", "1 or more")
	}
	return p
}
