package alerts

import (
	"time"

	"andon/plant"
	"andon/plant/setting"
)

// Config says who can be told, by which steps, and which alarm takes which
// steps.
type Config struct {
	Contacts map[string]Contact `yaml:"contacts"`
	Policies map[string][]Step  `yaml:"policies"`
	Routes   []Route            `yaml:"routes"` // the first that matches counts
	Delivery Delivery           `yaml:"delivery"`
}

// A Contact is one place to which messages go. Exactly one means is set.
type Contact struct {
	Webhook *Webhook `yaml:"webhook"`
	Log     *Log     `yaml:"log"`
}

// Webhook is a contact that gets messages as HTTP POST requests.
type Webhook struct {
	URL        string         `yaml:"url"`
	Secret     setting.Secret `yaml:"secret"` // signs requests; not signed when empty
	SecretFile setting.File   `yaml:"secret_file"`
	Timeout    time.Duration  `yaml:"timeout"` // of one request, 10s when 0
	CAFile     setting.File   `yaml:"ca_file"` // certificates to trust instead of the system's
}

// Log is a contact whose messages become lines of andon's own log.
type Log struct{}

// A Step tells contacts when an alarm has been unacknowledged and active for
// After since it was announced.
type Step struct {
	After  time.Duration `yaml:"after"`
	Notify []string      `yaml:"notify"` // names of contacts
}

// A Route gives the alarms that it matches to a policy.
type Route struct {
	Match  Match  `yaml:"match"`
	Policy string `yaml:"policy"`
	Ack    Ack    `yaml:"ack"` // required when empty
}

// A Match matches an alarm when each list that is not empty holds the alarm's
// value. The zero Match matches every alarm.
type Match struct {
	Class     []plant.Class    `yaml:"class"`
	Priority  []plant.Priority `yaml:"priority"`
	Area      []string         `yaml:"area"`      // names of areas
	Equipment string           `yaml:"equipment"` // pattern of plant.Match, "" for all
}

// Ack says whether an alarm that is over waits for a person.
type Ack string

// The values of Ack.
const (
	AckRequired Ack = "required" // it stays ReturnedUnacknowledged until a person took it
	AckNone     Ack = "none"     // it is Normal as soon as it is over
)

// Delivery sets how the outbox delivers messages to all contacts.
type Delivery struct {
	ExpireAfter time.Duration `yaml:"expire_after"` // a message older than this is given up
	Parallel    int           `yaml:"parallel"`     // contacts served at the same time
	RetryMin    time.Duration `yaml:"retry_min"`    // wait after the first failure, doubled each time
	RetryMax    time.Duration `yaml:"retry_max"`    // the longest wait
}

// DefaultConfig returns a configuration that runs: every alarm goes to the
// log.
func DefaultConfig() Config {
	return Config{
		Contacts: map[string]Contact{"log": {Log: &Log{}}},
		Policies: map[string][]Step{"log": {{Notify: []string{"log"}}}},
		Routes:   []Route{{Policy: "log"}},
		Delivery: Delivery{ExpireAfter: 24 * time.Hour, Parallel: 8, RetryMin: time.Second, RetryMax: 5 * time.Minute},
	}
}
