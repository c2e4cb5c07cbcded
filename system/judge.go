package system

import (
	"fmt"
	"math"
	"strings"
	"time"

	"andon/plant"
)

// A finding is what the figures of one moment say of one condition. With
// neither holds nor over it stays as it is: within the hysteresis, or nobody
// knows.
type finding struct {
	rule     string
	subject  string // path of the site or an area
	area     *plant.Area
	priority plant.Priority
	holds    bool
	over     bool
	delay    time.Duration // how long it must hold
	value    plant.Value
	message  string
	response string
}

// A judge works out findings. It remembers what it cannot see again: what was
// lost and refused. It reads no clock.
type judge struct {
	cfg     Config
	site    string
	first   *plant.Area     // whose book has what concerns the whole site
	watched map[string]bool // sources whose silence no rule tells
	grown   map[string]growth
}

// growth is of a number that only grows.
type growth struct {
	seen uint64
	at   time.Time // when it last grew
}

// all returns a finding for each condition that is on.
func (j *judge) all(f figures) []finding {
	var out []finding
	add := func(a Alarm, x finding) {
		if !a.Enabled {
			return
		}
		x.priority = a.Priority
		if x.area == nil {
			x.area, x.subject = j.first, j.site
		} else {
			x.subject = x.area.Path
		}
		out = append(out, x)
	}
	c := j.cfg
	add(c.StreamBlocked, j.trouble("stream-blocked", f.blocked, "the stream takes no messages, sources wait",
		"Make room on the disk of the data folder, or see why NATS is away."))
	add(c.RecordsBlocked, j.trouble("records-blocked", f.unwritten, "the records cannot be written, alarms and stops are late",
		"Make room on the disk of the data folder. When the file is damaged, stop andon and restore the backup."))
	add(c.InfluxRefuses, j.refuses(f))
	add(c.InfluxBehind.Alarm, j.behind(f))
	add(c.DiskLow.Alarm, j.disk(f))
	for _, x := range f.sources {
		if j.watched[x.Source] {
			add(c.SourceAway.Alarm, j.source(x.Source, x.Up, x.Error))
		}
	}
	for _, e := range f.engines {
		add(c.EngineBehind.Alarm, j.engine(e))
	}
	for _, x := range f.writers {
		add(c.QueueFull.Alarm, j.queue(f, x))
		add(c.DataLost, j.lost(f, x))
		add(c.LinesRefused, j.refused(f, x))
	}
	return out
}

func (j *judge) trouble(rule string, err error, what, response string) finding {
	x := finding{rule: rule, holds: err != nil, over: err == nil, delay: j.cfg.OnDelay, response: response}
	if err != nil {
		x.message = what + ": " + short(err.Error())
	}
	return x
}

// short makes a text fit into a message.
func short(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "?"), "\n", "; ")
	if r := []rune(text); len(r) > 300 {
		text = string(r[:300]) + "…"
	}
	return text
}

func (j *judge) refuses(f figures) finding {
	x := finding{rule: "influx-refuses", delay: j.cfg.OnDelay, over: f.taken(),
		response: "Check token, bucket and rights of the section influx. Nothing is lost while the stream has room."}
	for _, w := range f.writers {
		x.holds = x.holds || w.standing.Held
		if w.standing.Held {
			x.message = "InfluxDB refuses everything: " + short(w.standing.Fault)
		}
	}
	return x
}

// taken reports whether InfluxDB is known to take data: it took some since the
// start, and all of them where any wait.
func (f figures) taken() bool {
	some := false
	for _, w := range f.writers {
		wrote := !w.standing.Wrote.IsZero()
		nothing := w.known && w.lag.Known && w.oldest == 0
		if w.standing.Fault != "" || !wrote && !nothing {
			return false
		}
		some = some || wrote
	}
	return some
}

func (j *judge) behind(f figures) finding {
	limit, most := j.cfg.InfluxBehind.Age, j.cfg.InfluxBehind.Messages
	x := finding{rule: "influx-behind", delay: j.cfg.OnDelay, over: f.taken(),
		response: "Start InfluxDB again, or see why it is slow. Nothing is lost while the stream has room."}
	var worst time.Duration
	var waiting uint64
	var why string
	for _, w := range f.writers {
		age := w.age(f.now)
		late, much := age > limit, most > 0 && w.lag.Messages > most
		x.holds = x.holds || late || much
		x.over = x.over && age <= limit/2 && (most == 0 || w.lag.Messages <= most/2)
		worst, waiting = max(worst, age), waiting+w.lag.Messages
		if w.standing.Fault != "" {
			why = ": " + short(w.standing.Fault)
		}
	}
	x.value = plant.Float(worst.Round(time.Second).Seconds())
	x.message = fmt.Sprintf("InfluxDB is %s behind, %d messages wait%s", worst.Round(time.Second), waiting, why)
	return x
}

// age returns how long the oldest message has waited for InfluxDB.
func (w writing) age(now time.Time) time.Duration {
	if w.oldest == 0 {
		return 0
	}
	return max(0, now.Sub(w.oldest.Time()))
}

func (j *judge) engine(e stepping) finding {
	slow := !e.known || e.behind > slowEngine
	x := finding{rule: "engine-behind", area: e.area, holds: slow, over: !slow, delay: j.cfg.EngineBehind.After,
		response: "See the log. Is the machine overloaded? Alarms of the plant come late or not at all."}
	x.message = "the engine has taken no message yet"
	if e.known {
		x.value = plant.Float(e.behind.Round(time.Second).Seconds())
		x.message = fmt.Sprintf("the engine is %s behind", e.behind.Round(time.Second))
	}
	return x
}

// slowEngine is how far an engine may be behind for a while.
const slowEngine = 30 * time.Second

func (j *judge) source(name string, up bool, why string) finding {
	x := finding{rule: "source-away:" + name, holds: !up, over: up, delay: j.cfg.SourceAway.After,
		message: "source " + name + " is away", response: "Check the network, the server and the password of this source."}
	if why != "" {
		x.message += ": " + short(why)
	}
	return x
}

// tenths is a share in percent as people read it.
func tenths(percent float64) plant.Value { return plant.Float(math.Round(10*percent) / 10) }

func (j *judge) disk(f figures) finding {
	x := finding{rule: "disk-low", over: len(f.disks) > 0, delay: j.cfg.OnDelay,
		response: "Make room on this disk. When it is full, sources wait and nothing is recorded."}
	c := j.cfg.DiskLow
	least := 101.0
	for _, d := range f.disks {
		percent := 100 * float64(d.free) / float64(d.all)
		x.holds = x.holds || percent < float64(c.Percent) || d.free < c.Bytes
		x.over = x.over && percent >= 1.2*float64(c.Percent) && float64(d.free) >= 1.2*float64(c.Bytes)
		if percent < least {
			least, x.value = percent, tenths(percent)
			x.message = fmt.Sprintf("the disk of %s has %.1f GiB (%.1f %%) left", d.folder, float64(d.free)/(1<<30), percent)
		}
	}
	return x
}
