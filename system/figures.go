package system

import (
	"context"
	"time"

	"andon/bus"
	"andon/collector"
	"andon/influx"
	"andon/plant"
	"andon/store"
)

// A Stream is what the Watcher asks the bus. Trouble waits for nothing.
type Stream interface {
	Trouble() error
	Info(ctx context.Context, area *plant.Area) (bus.StreamInfo, error)
	Next(ctx context.Context, area *plant.Area, pos uint64) (uint64, plant.Instant, error)
}

// An Engine is what the Watcher asks the engines. Do puts a command on the
// stream and returns once it is done and in the records; the others wait for
// nothing.
type Engine interface {
	Do(ctx context.Context, cmd plant.Command) error
	Unwritten() error
	Behind(area *plant.Area) (time.Duration, bool)
}

// Records are where the Watcher reads which alarms are open.
type Records interface {
	Alarms(ctx context.Context, f store.AlarmFilter) ([]store.Alarm, error)
}

// A Writer is what writes the data of one area to InfluxDB.
type Writer struct {
	Area *plant.Area
	Of   interface {
		Lag() influx.Lag
		Standing() influx.Standing
	}
	Skipped func() uint64 // messages that retention removed before it read them
}

// askWithin bounds one question to the stream.
const askWithin = time.Second

// figures are what the parts say at one moment.
type figures struct {
	now       time.Time // with the monotonic clock
	started   time.Time // of the Watcher
	blocked   error     // the stream
	unwritten error     // the records
	writers   []writing
	engines   []stepping
	sources   []collector.Health
	disks     []room
}

// writing is how far one area's data are in InfluxDB.
type writing struct {
	area     *plant.Area
	lag      influx.Lag
	standing influx.Standing
	skipped  uint64
	stream   bus.StreamInfo
	known    bool          // whether stream is
	oldest   plant.Instant // stream time of the oldest message that waits and has something for InfluxDB, 0 for none or unknown
}

// stepping is how far one area's engine is.
type stepping struct {
	area   *plant.Area
	behind time.Duration
	known  bool // whether it took a message at all
}

// room is what is free on the disk of one folder.
type room struct {
	folder    string
	free, all int64
}

// gather asks all parts. What does not answer is left unknown.
func (w *Watcher) gather(ctx context.Context) figures {
	f := figures{now: w.o.now(), started: w.started, blocked: w.o.Stream.Trouble(), unwritten: w.o.Engine.Unwritten(), sources: w.o.Sources()}
	for _, x := range w.o.Writers {
		f.writers = append(f.writers, w.writing(ctx, x, f.blocked == nil))
	}
	for _, area := range w.o.Tree.Areas {
		behind, known := w.o.Engine.Behind(area)
		f.engines = append(f.engines, stepping{area, behind, known})
	}
	for _, folder := range w.o.Folders {
		if free, all, err := w.o.room(folder); err == nil && all > 0 {
			f.disks = append(f.disks, room{folder, free, all})
		}
	}
	return f
}

func (w *Watcher) writing(ctx context.Context, x Writer, ask bool) writing {
	out := writing{area: x.Area, lag: x.Of.Lag(), standing: x.Of.Standing(), skipped: x.Skipped()}
	out.oldest = out.lag.Oldest
	if !ask {
		return out
	}
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	info, err := w.o.Stream.Info(ctx, x.Area)
	out.stream, out.known = info, err == nil
	if out.oldest == 0 && out.lag.Known && info.Last > out.lag.Position {
		// After a start the writer may not have got a message yet.
		if _, at, err := w.o.Stream.Next(ctx, x.Area, out.lag.Position+1); err == nil {
			out.oldest = at
		}
	}
	return out
}
