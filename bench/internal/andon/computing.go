package andon

import "strings"

// Signals are the tags of a machine whose states, counts and measurements the
// rules below look at, with their types. Their values are those that the load
// generators make: PackML states, counters, and measurements from 40 to 60.
func Signals() []Tag {
	return []Tag{
		{Name: "state", Spec: "role: state, type: int, states: packml"},
		{Name: "total", Spec: "role: total_count, type: uint, unit: pieces"},
		{Name: "reject", Spec: "role: reject_count, type: uint, unit: pieces"},
		{Name: "speed", Spec: "role: speed, type: float, unit: 1/min"},
		{Name: "temp", Spec: "type: float, unit: degC"},
		{Name: "vibration", Spec: "type: float, unit: mm/s"},
		{Name: "pressure", Spec: "type: float, unit: bar"},
		{Name: "current", Spec: "type: float, unit: A"},
		{Name: "level", Spec: "type: float, unit: \"%\""},
		{Name: "torque", Spec: "type: float, unit: Nm"},
	}
}

// RuleInstances is how many rules there are for 100 machines with Computing.
const RuleInstances = 1000

// Computing returns the sections production and rules: KPIs of all machines
// with an ideal cycle, shifts around the clock, and ten rules for each
// machine, of every kind. The values of the loads raise none of them, so that
// rules are judged and nobody is called.
func Computing() string { return ComputingOf("bench/**") }

// ComputingOf is Computing with the rules for the machines of a pattern only.
func ComputingOf(ruled string) string {
	return `production:
  calendars:
    - name: always
      zone: UTC
      shifts:
        - {name: early, days: [mon, tue, wed, thu, fri, sat, sun], from: "06:00", to: "14:00"}
        - {name: late, days: [mon, tue, wed, thu, fri, sat, sun], from: "14:00", to: "22:00"}
        - {name: night, days: [mon, tue, wed, thu, fri, sat, sun], from: "22:00", to: "06:00"}
  calendar_for:
    - {equipment: bench/**, calendar: always}
  products:
    - name: P
      ideal: [{equipment: bench/**, cycle: 500ms}]
  equipment:
    - {equipment: bench/**, product: P}

rules:
` + strings.ReplaceAll(rules, "bench/**", ruled)
}

const rules = `  - {id: hot, class: maintenance, kind: threshold, equipment: bench/**, tag: temp, response: Cool it.,
     levels: [{priority: high, raise: "> 90 degC", clear: "< 85"}, {priority: medium, raise: "> 80 degC", clear: "< 75"}], on_delay: 10s, off_delay: 30s}
  - {id: shakes, class: maintenance, priority: high, kind: threshold, equipment: bench/**, tag: vibration, response: Look at the bearings.,
     raise: "> 70 mm/s", clear: "< 65", when: {states: [run, slow], settle: 10s}}
  - {id: pressure-low, class: maintenance, priority: medium, kind: threshold, equipment: bench/**, tag: pressure, response: Look for a leak., raise: "< 30 bar", clear: "> 32", on_delay: 5s}
  - {id: overload, class: maintenance, priority: medium, kind: threshold, equipment: bench/**, tag: current, response: Ease the load., raise: "> 70 A", clear: "< 66", on_delay: 5s}
  - {id: torque-high, class: quality, priority: low, kind: threshold, equipment: bench/**, tag: torque, response: Set it anew., raise: "> 65 Nm", clear: "< 63", on_delay: 5s}
  - {id: fault, class: maintenance, priority: high, kind: state, equipment: bench/**, states: [fault], for: 30s, response: Go there.}
  - {id: silent, class: maintenance, priority: high, kind: absence, equipment: bench/**, for: 60s, response: Is it switched off?}
  - {id: again, class: maintenance, priority: high, kind: count, equipment: bench/**, states: [fault], count: 3, within: 30m, response: Find the cause.}
  - {id: runs-empty, class: material, priority: medium, kind: trend, equipment: bench/**, tag: level, limit: "<= 0 %", within: 1s, window: 1m, response: Bring material.}
  - {id: speed-off, class: quality, kind: spc, equipment: bench/**, tag: speed, spec: {lower: 20, upper: 80, target: 50}, sigma: 10, levels: [{priority: low, tests: [n1]}], response: Look at the drive.}
`
