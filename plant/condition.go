package plant

// A Class is the kind of people an alarm concerns.
type Class string

// The classes of alarms.
const (
	ClassMaintenance Class = "maintenance"
	ClassQuality     Class = "quality"
	ClassSafety      Class = "safety"
	ClassMaterial    Class = "material"
	ClassProduction  Class = "production"
	ClassSystem      Class = "system" // andon itself: the plant may be well, but nobody would know
)

// Classes returns every class.
func Classes() []Class {
	return []Class{ClassMaintenance, ClassQuality, ClassSafety, ClassMaterial, ClassProduction, ClassSystem}
}

// A Priority is how soon a person must act (ISA-18.2 calls it priority, not
// severity).
type Priority string

// The priorities, highest first.
const (
	PriorityCritical Priority = "critical"
	PriorityHigh     Priority = "high"
	PriorityMedium   Priority = "medium"
	PriorityLow      Priority = "low"
)

// Priorities returns every priority, highest first.
func Priorities() []Priority {
	return []Priority{PriorityCritical, PriorityHigh, PriorityMedium, PriorityLow}
}

// A Condition is what a rule says of one equipment: that it began to hold or
// ceased to. It knows nothing of people. Rule and Equipment together are its
// identity, so editing a rule's text keeps the alarm.
type Condition struct {
	Rule      string
	Equipment *Equipment
	Tag       *Tag // nil when the rule looks at states
	Class     Class
	Priority  Priority
	Active    bool
	Time      Instant // event time at which it began or ceased to hold
	Value     Value   // the value that decided
	Message   string  // for people, rendered; empty when it ceased to hold
	Response  string  // what the operator should do
}
