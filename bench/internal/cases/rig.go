package cases

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"andon/bench/internal/andon"
	"andon/bench/internal/broker"
	"andon/bench/internal/influx"
	"andon/bench/internal/measure"
	"andon/bench/internal/proc"
	"andon/bench/internal/telegraf"
)

// A Rig has the programs that are measured and says how long.
type Rig struct {
	// Self is this program, Work the folder below which everything runs.
	Self, Work string
	// Andon, Influxd and Telegraf are programs.
	Andon, Influxd, Telegraf string
	// Broker is the MQTT broker.
	Broker broker.Broker
	// OPCUA is the folder of the OPC UA server.
	OPCUA string
	// Pairs is how often each case is measured, Window how long each time,
	// after the Warmup; as long as the case says for 0.
	Pairs          int
	Window, Warmup time.Duration
	// Try is how long each rate of a search is tried, Confirm how long the one
	// that was found has to go on.
	Try, Confirm time.Duration
	// Say takes a line about the progress.
	Say func(string)
}

// A consumer is a side that runs.
type consumer struct {
	process *proc.Process
	influx  *influx.Server
	flow    Flow
	stored  influx.Stored
	// taken returns how many samples the side has worked through, beside
	// writing them; nil when that is all it does.
	taken func(context.Context) (int64, error)
	// earlier is what it had worked through before the load.
	earlier int64
}

// setUp starts everything that a run needs; all of it belongs to the group.
func (r *Rig) setUp(ctx context.Context, g *proc.Group, c Case, side measure.Side, s Setup) (*consumer, error) {
	db, err := influx.Start(ctx, g, r.Influxd, filepath.Join(s.Dir, "influxd"))
	if err != nil {
		return nil, err
	}
	flow, err := c.Feed.Start(ctx, g, s)
	if err != nil {
		return nil, err
	}
	con := &consumer{influx: db, flow: flow, stored: flow.Stored(side)}
	switch side {
	case measure.Andon:
		con.process, err = r.startAndon(ctx, g, con, s)
	case measure.Telegraf:
		con.process, err = r.startTelegraf(ctx, g, con, telegrafOptions(c, con, s))
	default:
		err = fmt.Errorf("there is no side %q", side)
	}
	if err != nil {
		return nil, err
	}
	return con, con.listens(ctx)
}

// An unready error says that a side did not take the load up. That is a result,
// like samples that do not arrive.
type unready struct{ error }

func (u unready) Unwrap() error { return u.error }

func (r *Rig) startAndon(ctx context.Context, g *proc.Group, con *consumer, s Setup) (*proc.Process, error) {
	dir := filepath.Join(s.Dir, "andon")
	listen, err := proc.FreeAddress()
	if err != nil {
		return nil, err
	}
	head := andon.Head(andon.Options{InfluxURL: con.influx.URL, Database: influx.Database, Listen: listen})
	file, err := writeConfig(dir, "andon.yaml", head+con.flow.Andon)
	if err != nil {
		return nil, err
	}
	daemon := andon.Daemon{URL: "http://" + listen}
	con.taken = daemon.Taken
	return g.Start(ctx, proc.Spec{
		Name: "andon", Args: []string{r.Andon, "run", "-c", file}, Dir: dir, ReadyWithin: listenWithin,
		Ready: daemon.Ready,
	})
}

// A telegrafSetup is Telegraf with its options in a folder.
type telegrafSetup struct {
	telegraf.Options
	dir string
}

func telegrafOptions(c Case, con *consumer, s Setup) telegrafSetup {
	o := telegrafSetup{telegraf.Options{InfluxURL: con.influx.URL, Database: influx.Database, Batch: telegraf.LargeBatch}, filepath.Join(s.Dir, "telegraf")}
	if c.SmallBatches {
		o.Batch = telegraf.SmallBatch
	}
	if c.DiskBuffer {
		o.BufferDir = filepath.Join(o.dir, "buffer")
	}
	return o
}

func (r *Rig) startTelegraf(ctx context.Context, g *proc.Group, con *consumer, o telegrafSetup) (*proc.Process, error) {
	file, err := writeConfig(o.dir, "telegraf.conf", telegraf.Head(o.Options)+con.flow.Telegraf)
	if err != nil {
		return nil, err
	}
	return g.Start(ctx, proc.Spec{Name: "telegraf", Args: []string{r.Telegraf, "--config", file}, Dir: o.dir})
}

func writeConfig(dir, name, text string) (string, error) {
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make the folder of %s: %w", name, err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return "", fmt.Errorf("write %s: %w", name, err)
	}
	return file, nil
}

// listenWithin bounds the wait for a consumer's first values in InfluxDB.
const listenWithin = 3 * time.Minute

// listens waits until the values that are there before the load have arrived.
func (con *consumer) listens(ctx context.Context) error {
	bounded, cancel := context.WithTimeout(ctx, listenWithin)
	defer cancel()
	err := proc.Poll(bounded, 100*time.Millisecond, func() error {
		select {
		case <-con.process.Done():
			return proc.Final(unready{con.process.Failure()})
		default:
		}
		n, err := con.influx.Count(bounded, con.stored, time.Unix(0, 0), time.Now().Add(time.Hour))
		if err != nil {
			return err
		}
		if n < con.flow.Before {
			return unready{fmt.Errorf("%d values are in InfluxDB after %s, want %d before the load begins", n, listenWithin, con.flow.Before)}
		}
		return nil
	})
	return errors.Join(ctx.Err(), err)
}
