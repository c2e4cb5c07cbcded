package production

import "andon/plant/setting"

// Validate reports every problem of c.
func (c Config) Validate() setting.Problems {
	var p setting.Problems
	return p
}
