package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/nats-io/nats.go/jetstream"

	"andon/bus/salvage"
	"andon/plant"
	"andon/plant/setting"
)

// ErrInUse says that another process has the folder of the stream.
var ErrInUse = errors.New("is in use by another process")

const (
	// lookPrefix begins the names of the copies that Look makes.
	lookPrefix = "look-"
	// heldFile is locked in a copy as long as somebody reads it.
	heldFile = "held"
)

// Look opens the stream of an andon that is stopped, to read it. Our own
// server would remove what is over its age as soon as it starts, so Look reads
// a copy whose streams keep everything: full blocks are linked, not copied,
// the rest is small. Nothing of the folder changes, and it is free again when
// Look returns. What is put or saved changes only the copy, which Close
// removes. The error wraps ErrInUse while a server runs on the folder. An
// external NATS is read as it is.
func Look(ctx context.Context, o Options) (*Bus, error) {
	if err := o.Config.Validate().Err(); err != nil {
		return nil, fmt.Errorf("bus: %w", err)
	}
	b := &Bus{cfg: o.Config, tree: o.Tree, log: o.Log, m: o.Metrics, closed: make(chan struct{}), stop: func() {}}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	if b.m == nil {
		b.m = NewMetrics(nil)
	}
	err := b.copyToLook()
	if err == nil {
		err = b.look(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("look at the stream: %w", errors.Join(err, b.shut(context.WithoutCancel(ctx))))
	}
	return b, nil
}

// copyToLook makes the copy and has the configuration name it.
func (b *Bus) copyToLook() error {
	if b.cfg.URL != "" {
		return nil
	}
	dir := string(b.cfg.Dir)
	if _, err := os.Stat(dir); err != nil {
		return fmt.Errorf("no stream: did andon run with this configuration? %w", err)
	}
	lock, err := lockFile(filepath.Join(dir, "lock"))
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := removeLooks(dir); err != nil {
		return err
	}
	b.scratch, err = os.MkdirTemp(dir, lookPrefix)
	if err != nil {
		return fmt.Errorf("copy the stream: %w", err)
	}
	// While the folder is still ours: a start that comes next must not take
	// the copy for one whose reader died.
	if b.held, err = lockFile(filepath.Join(b.scratch, heldFile)); err != nil {
		return fmt.Errorf("copy the stream: %w", err)
	}
	names := []string{"KV_" + bucketName(b.tree.Site)}
	for _, a := range b.tree.Areas {
		names = append(names, streamName(a))
	}
	for _, name := range names {
		at := filepath.Join("jetstream", ownAccount, "streams", name)
		if err := copyStream(filepath.Join(b.scratch, at), filepath.Join(dir, at), name); err != nil {
			return fmt.Errorf("copy the stream: %w", err)
		}
	}
	if same, _, err := salvage.AsClosed(dir); err == nil && same {
		if err := salvage.Closed(b.scratch); err != nil { // so that the copy is not checked
			return err
		}
	}
	b.cfg.Dir, b.cfg.Listen, b.cfg.MQTT = setting.File(b.scratch), "", MQTTConfig{}
	return nil
}

// removeLooks removes copies whose reader died. The caller has the folder, so
// no new one is being made.
func removeLooks(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), lookPrefix) {
			continue
		}
		old := filepath.Join(dir, e.Name())
		lock, err := lockFile(filepath.Join(old, heldFile))
		if errors.Is(err, ErrInUse) {
			continue
		}
		if err == nil {
			lock.Close()
		}
		if err := os.RemoveAll(old); err != nil {
			return fmt.Errorf("remove an old copy of the stream: %w", err)
		}
	}
	return nil
}

// look connects and finds what there is.
func (b *Bus) look(ctx context.Context) (err error) {
	if err := b.reach(ctx); err != nil {
		return err
	}
	b.positions, err = b.js.KeyValue(ctx, bucketName(b.tree.Site))
	if err != nil && !errors.Is(err, jetstream.ErrBucketNotFound) {
		return fmt.Errorf("find positions: %w", err)
	}
	b.byArea, b.byPath, b.bySource = map[*plant.Area]*lane{}, map[string]*lane{}, map[string][]*lane{}
	for _, a := range b.tree.Areas {
		_, err := b.js.Stream(ctx, streamName(a))
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			continue
		}
		if err != nil {
			return fmt.Errorf("find stream of %s: %w", a.Path, err)
		}
		l := newLane(b, a, 0)
		l.closed = true // it takes nothing
		b.lanes = append(b.lanes, l)
		b.byArea[a], b.byPath[a.Path] = l, l
	}
	return nil
}
