package web

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"andon/plant"
	"andon/production"
)

// A look is how a state is shown: always a symbol and a word beside the
// colour, which follows class.
type look struct {
	rank   int // lowest first on the board
	class  string
	symbol string // template "symbol"
	word   string
	urgent bool // its row never leaves the board
}

func lookOf(s plant.State) look {
	switch s {
	case plant.StateSafety:
		return look{0, "safety", "stop", "SAFETY", true}
	case plant.StateFault:
		return look{1, "stop", "stop", "FAULT", true}
	case plant.StateStopped:
		return look{2, "stop", "stop", "STOP", true}
	case plant.StateBlocked:
		return look{3, "attention", "attention", "BLOCKED", true}
	case plant.StateStarved:
		return look{3, "attention", "attention", "STARVED", true}
	case plant.StateSlow:
		return look{3, "attention", "attention", "SLOW", true}
	case plant.StateChangeover:
		return look{5, "setup", "setup", "SETUP", false}
	case plant.StatePlannedStop:
		return look{6, "setup", "setup", "PLANNED", false}
	case plant.StateRun:
		return look{7, "run", "run", "RUN", false}
	case plant.StateNotScheduled:
		return look{8, "off", "off", "OFF", false}
	}
	return look{4, "unknown", "unknown", "NO DATA", true}
}

// legend are the looks that a timeline has, one of each kind.
func legend() []look {
	return []look{lookOf(plant.StateRun), {class: "stop", symbol: "stop", word: "STOP, FAULT, SAFETY"},
		{class: "attention", symbol: "attention", word: "BLOCKED, STARVED, SLOW"}, {class: "setup", symbol: "setup", word: "SETUP, PLANNED"},
		lookOf(plant.StateUnknown)}
}

// none is shown for numbers that do not exist; they are not 0.
const none = "—"

// age formats how long something lasts: 6:42, 1h05, 3d. The pages' script
// must agree.
func age(d time.Duration) string {
	s := int64(max(d, 0) / time.Second)
	switch {
	case s < 3600:
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	case s < 86400:
		return fmt.Sprintf("%dh%02d", s/3600, s/60%60)
	}
	return fmt.Sprintf("%dd", s/86400)
}

// units formats a number of units with a narrow gap between thousands.
func units(n int64) string {
	text := strconv.FormatInt(max(n, -n), 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "\u00a0" + text[i:]
	}
	if n < 0 {
		return "−" + text
	}
	return text
}

// sureEnough is the share of known time below which a figure is shown as
// about right.
const sureEnough = 0.95

// oee formats the OEE of k.
func oee(k production.KPI) string {
	if !k.OEEIndex.OK {
		return none
	}
	about := ""
	if k.ConfidenceMeasured.OK && k.ConfidenceMeasured.Value < sureEnough {
		about = "≈"
	}
	return about + strconv.FormatFloat(100*k.OEEIndex.Value, 'f', 0, 64) + "\u00a0%"
}

// lastName returns the last name of a path.
func lastName(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
