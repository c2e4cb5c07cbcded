package bus

import (
	"context"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go/jetstream"

	"andon/plant"
)

// The first part of the subjects of a stream; the rest is <site>.<area>.
const (
	telemetry = "telemetry"
	command   = "command"
	clock     = "clock"
	derived   = "derived"
)

// streamName returns the name of the area's stream. The signs that join it
// are in no name of a site or area, so two areas never share one.
func streamName(a *plant.Area) string { return "andon+" + a.Site + "+" + a.Name }

// bucketName returns the name of the site's bucket of positions.
func bucketName(site string) string { return "andon_positions_" + site }

func subject(kind string, a *plant.Area) string { return kind + "." + a.Site + "." + a.Name }

// kindOf tells from the subject what a message is.
func kindOf(subject string) plant.MessageKind {
	first, _, _ := strings.Cut(subject, ".")
	switch first {
	case telemetry:
		return plant.KindTelemetry
	case command:
		return plant.KindCommand
	case clock:
		return plant.KindTick
	case derived:
		return plant.KindDerived
	}
	return 0
}

// streamConfig is that of an area's stream, which has that many bytes now.
func (b *Bus) streamConfig(a *plant.Area, stored uint64) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:        streamName(a),
		Description: "andon: telemetry, commands and clock of " + a.Path,
		Subjects:    []string{subject(telemetry, a), subject(command, a), subject(clock, a), subject(derived, a)},
		Retention:   jetstream.LimitsPolicy,
		Discard:     jetstream.DiscardOld,
		Storage:     jetstream.FileStorage,
		MaxAge:      b.cfg.MaxAge,
		MaxBytes:    b.maxBytes(stored),
		Duplicates:  b.cfg.DedupeWindow,
		Replicas:    b.cfg.Replicas,
		AllowDirect: true,
	}
}

// ensureStream creates the area's stream or brings its limits up to date; it
// has that many bytes now.
func (b *Bus) ensureStream(ctx context.Context, a *plant.Area, stored uint64) (jetstream.Stream, error) {
	s, err := b.js.CreateOrUpdateStream(ctx, b.streamConfig(a, stored))
	if err != nil {
		return nil, fmt.Errorf("create stream of %s: %w", a.Path, err)
	}
	return s, nil
}

// ensureBucket creates the bucket of positions or finds it.
func (b *Bus) ensureBucket(ctx context.Context, site string) (jetstream.KeyValue, error) {
	kv, err := b.js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{
		Bucket:      bucketName(site),
		Description: "andon: how far readers of the stream have come",
		Storage:     jetstream.FileStorage,
		Replicas:    b.cfg.Replicas,
	})
	if err != nil {
		return nil, fmt.Errorf("create bucket of positions: %w", err)
	}
	return kv, nil
}

// share is the part of the disk's room that the streams may reserve; the rest
// is for positions, MQTT sessions and what a block holds beyond its limit.
const share = 0.9

// fitDisk lowers the bytes kept per area to what the disk has room for, so
// that the oldest messages go before the disk is full and new ones stop.
func (b *Bus) fitDisk(areas int) {
	b.room = b.cfg.MaxBytes
	if b.host == nil {
		return
	}
	room := int64(float64(b.host.room()) * share / float64(max(areas, 1)))
	if room > 0 && room < b.room {
		b.log.Warn("disk is smaller than the stream may get, keeping less", "max_bytes", b.cfg.MaxBytes, "kept_bytes", room)
		b.room = room
	}
}

// maxBytes returns how many bytes of an area are kept whose stream has that
// many now. It may be more than its share of the disk, filled by others since:
// what is there stays, since InfluxDB may not have it, and goes as new comes.
func (b *Bus) maxBytes(stored uint64) int64 {
	return min(max(b.room, int64(stored)), b.cfg.MaxBytes)
}

// Last returns the position of the last message of the area's stream, 0 when
// it never had one.
func (b *Bus) Last(ctx context.Context, area *plant.Area) (uint64, error) {
	ctx, cancel := b.link.watch(ctx)
	defer cancel()
	s, err := b.js.Stream(ctx, streamName(area))
	if err != nil {
		return 0, fmt.Errorf("look at stream of %s: %w", area.Path, err)
	}
	return s.CachedInfo().State.LastSeq, nil
}
