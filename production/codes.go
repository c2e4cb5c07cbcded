package production

import (
	"strconv"
	"strings"
	"unicode"

	"andon/plant"
	"andon/plant/setting"
)

// A class is what a raw state code says before calendar, neighbours and
// reasons are looked at.
type class uint8

const (
	clsUnknown class = iota
	clsRun
	clsStopped      // cause inside the equipment, or not known
	clsIdle         // ready but not running; starved and blocked signals explain it
	clsSuspended    // starved or blocked
	clsStarved      //
	clsBlocked      //
	clsFault        //
	clsSafety       //
	clsChangeover   //
	clsPlanned      // planned stop
	clsOff          // not scheduled
	clsTransitional // starting, resetting, stopping: belongs to the stop next to it
	// clsOutOfService is a fault, or what the mode says of it; no frag has it.
	clsOutOfService
)

var stateWords = map[string]class{
	"unknown": clsUnknown, "run": clsRun, "slow": clsRun, "stopped": clsStopped, "idle": clsIdle,
	"suspended": clsSuspended, "starved": clsStarved, "blocked": clsBlocked, "fault": clsFault,
	"safety": clsSafety, "changeover": clsChangeover, "planned_stop": clsPlanned,
	"not_scheduled": clsOff, "transitional": clsTransitional,
}

const stateWish = "run, stopped, idle, suspended, starved, blocked, fault, safety, changeover, " +
	"planned_stop, not_scheduled, transitional or unknown"

// Modes are classes too; clsRun stands for production, which says nothing.
var modeWords = map[string]class{
	"production": clsRun, "changeover": clsChangeover, "planned_stop": clsPlanned, "not_scheduled": clsOff,
}

const modeWish = "production, changeover, planned_stop or not_scheduled"

// A codes maps raw codes to classes.
type codes struct {
	m     map[string]class
	other class
	// step groups numeric codes: with 10000, 15000 means what 10000 means.
	step int64
	// beyond is what whole numbers above from mean that m has not; not where
	// from is 0.
	from   int64
	beyond class
	// words are codes as lower-case letters alone: NotExecuting and NOT_EXECUTING
	// are notexecuting.
	words map[string]class
	// told are the classes of codes that came, nil to look each up by its text.
	told *toldClasses
}

func (c codes) class(code string) class {
	if k, ok := c.m[code]; ok {
		return k
	}
	if c.step > 0 || c.from > 0 {
		n, err := strconv.ParseInt(code, 10, 64)
		if err == nil && c.from > 0 && n > c.from {
			return c.beyond
		}
		if err == nil && c.step > 0 {
			if k, ok := c.m[strconv.FormatInt(n-n%c.step, 10)]; ok {
				return k
			}
		}
	}
	if k, ok := c.words[letters(code)]; ok && c.words != nil {
		return k
	}
	return c.other
}

// letters returns the letters of a word in lower case.
func letters(word string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, word)
}

// named gives the codes of m the names of their numbers too.
func named(m map[string]class, names string) map[string]class {
	words := map[string]class{}
	for i, name := range strings.Fields(names) {
		words[letters(name)] = m[strconv.Itoa(i)]
	}
	return words
}

func numbered(classes ...class) map[string]class {
	m := make(map[string]class, len(classes))
	for i, c := range classes {
		m[strconv.Itoa(i)] = c
	}
	return m
}

// builtinStates returns the state maps that need no configuration.
func builtinStates() map[string]codes {
	// Some servers tell the name of the state and not its number.
	words := named(packML(), packMLWords)
	return map[string]codes{
		"packml":       {m: packML(), words: words},
		"packml_30060": {m: packML30060(), words: words},
		"umh":          {m: umhCodes(), step: 10000},
		"opc_40001":    {m: machinery(), words: named(machinery(), "NotAvailable OutOfService NotExecuting Executing")},
	}
}

// machinery numbers the states of MachineryItemState as OPC 40001-1, 12.2,
// does.
func machinery() map[string]class {
	return numbered(clsUnknown, clsOutOfService, clsIdle, clsRun)
}

const packMLWords = "Undefined Clearing Stopped Starting Idle Suspended Execute Stopping Aborting Aborted Holding Held " +
	"Unholding Suspending Unsuspending Resetting Completing Complete"

// packML numbers the states as ISA-TR88.00.02 and OPC 30050 do.
func packML() map[string]class {
	return numbered(clsUnknown,
		clsTransitional, // 1 Clearing
		clsStopped,      // 2 Stopped
		clsTransitional, // 3 Starting
		clsIdle,         // 4 Idle
		clsSuspended,    // 5 Suspended
		clsRun,          // 6 Execute
		clsTransitional, // 7 Stopping
		clsTransitional, // 8 Aborting
		clsFault,        // 9 Aborted
		clsTransitional, // 10 Holding
		clsStopped,      // 11 Held
		clsTransitional, // 12 Unholding
		clsTransitional, // 13 Suspending
		clsTransitional, // 14 Unsuspending
		clsTransitional, // 15 Resetting
		clsRun,          // 16 Completing
		clsStopped,      // 17 Complete
	)
}

// packML30060 numbers the same states as OPC 30060 (tobacco machines), 11.9,
// does.
func packML30060() map[string]class {
	return numbered(
		clsStopped,      // 0 Stopped
		clsTransitional, // 1 Resetting
		clsIdle,         // 2 Idle
		clsTransitional, // 3 Starting
		clsRun,          // 4 Execute
		clsRun,          // 5 Completing
		clsStopped,      // 6 Complete
		clsTransitional, // 7 Aborting
		clsFault,        // 8 Aborted
		clsTransitional, // 9 Stopping
		clsTransitional, // 10 Clearing
		clsTransitional, // 11 Suspending
		clsSuspended,    // 12 Suspended
		clsTransitional, // 13 Unsuspending
		clsTransitional, // 14 Holding
		clsStopped,      // 15 Held
		clsTransitional, // 16 Unholding
	)
}

// umhCodes are the states of the United Manufacturing Hub, in steps of
// 10,000.
func umhCodes() map[string]class {
	return map[string]class{
		"10000": clsRun, "20000": clsRun, "30000": clsUnknown,
		"40000": clsStopped, "50000": clsStopped, // unspecified, micro-stop
		"60000": clsStopped, "70000": clsStopped, "80000": clsStopped, "90000": clsStopped, // jams, bypass, material
		"100000": clsChangeover, "110000": clsChangeover, "120000": clsChangeover, "130000": clsChangeover,
		"140000": clsStopped, // operator absent
		"150000": clsPlanned, // break
		"160000": clsOff, "170000": clsOff,
		"180000": clsFault, "190000": clsStopped, "200000": clsStopped,
		"210000": clsPlanned, // preventive maintenance
		"220000": clsFault,
	}
}

// builtinModes returns the mode maps that need no configuration.
func builtinModes() map[string]codes {
	machinery := numbered(clsOff, clsPlanned, clsChangeover, clsRun)
	packML := numbered(clsRun, clsRun, clsPlanned, clsRun, clsChangeover)
	return map[string]codes{
		// OPC 40001-1, 12.3: 0 None, 1 Maintenance, 2 Setup, 3 Processing.
		"opc_40001_modes": {m: machinery, other: clsRun, words: named(machinery, "None Maintenance Setup Processing")},
		// OPC 30050: 1 Produce, 2 Maintenance, 3 Manual, 4 and above are the
		// vendor's: set-up, cleaning and the like.
		"packml_modes": {m: packML, other: clsRun, from: 4, beyond: clsChangeover, words: named(packML, "Invalid Production Maintenance Manual Setup")},
	}
}

// codeMaps are all maps by name; equipment shares them, for thousands of copies
// would be most of what the configuration takes.
type codeMaps struct {
	states, modes map[string]codes
}

func (c Config) maps() codeMaps {
	return codeMaps{remembering(c.stateMaps()), remembering(c.modeMaps())}
}

// stateMaps returns the built-in and the configured state maps by name.
func (c Config) stateMaps() map[string]codes {
	all := builtinStates()
	for _, m := range c.StateMaps {
		all[m.Name] = m.build(stateWords, clsUnknown)
	}
	return all
}

// modeMaps returns the built-in and the configured mode maps by name.
func (c Config) modeMaps() map[string]codes {
	all := builtinModes()
	for _, m := range c.ModeMaps {
		all[m.Name] = m.build(modeWords, clsRun)
	}
	return all
}

// usualModes returns the name of the mode map that goes with the state map
// that tag names.
func usualModes(state *plant.Tag) string {
	if state != nil && state.States == "opc_40001" {
		return "opc_40001_modes"
	}
	return "packml_modes"
}

// mapOf returns the map that tag names, which must be there, or the usual one.
func mapOf(tag *plant.Tag, maps map[string]codes, usual string) codes {
	if tag == nil || tag.States == "" {
		return maps[usual]
	}
	return maps[tag.States]
}

// build makes the codes that m declares; m must be valid.
func (m CodeMap) build(words map[string]class, other class) codes {
	c := codes{m: make(map[string]class, len(m.Codes)), other: other}
	for code, word := range m.Codes {
		c.m[code] = words[word]
	}
	if m.Default != "" {
		c.other = words[m.Default]
	}
	return c
}

func (m CodeMap) validate(words map[string]class, wish string) setting.Problems {
	var p setting.Problems
	if m.Name == "" {
		p.Add("name", "a name")
	}
	if len(m.Codes) == 0 {
		p.Add("codes", "at least one code, such as RUN: run")
	}
	for _, code := range sortedKeys(m.Codes) {
		if _, ok := words[m.Codes[code]]; !ok {
			p.Add("codes."+code, "%s, not %q", wish, m.Codes[code])
		}
	}
	if _, ok := words[m.Default]; m.Default != "" && !ok {
		p.Add("default", "%s, not %q", wish, m.Default)
	}
	return p
}
