package bus

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/nats-io/nats.go/jetstream"
)

// LoadPosition returns what SavePosition saved under that name, 0 when
// nothing was.
func (b *Bus) LoadPosition(ctx context.Context, name string) (uint64, error) {
	if b.positions == nil {
		return 0, nil // Look found none
	}
	ctx, cancel := b.link.watch(ctx)
	defer cancel()
	e, err := b.positions.Get(ctx, name)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("load position %s: %w", name, err)
	}
	pos, err := strconv.ParseUint(string(e.Value()), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("load position %s: %w", name, err)
	}
	return pos, nil
}

// SavePosition keeps, with the stream, how far a reader without a database of
// its own has come. The name is made of letters, digits, dots, _, - and /. It
// tries once: the next position is as good.
func (b *Bus) SavePosition(ctx context.Context, name string, pos uint64) error {
	ctx, cancel := b.link.watch(ctx)
	defer cancel()
	if _, err := b.positions.Put(ctx, name, strconv.AppendUint(nil, pos, 10)); err != nil {
		return fmt.Errorf("save position %s: %w", name, err)
	}
	return nil
}
