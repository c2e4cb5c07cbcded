package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"andon/configs"
	"andon/engine"
	"andon/plant"
	"andon/plant/setting"
	"andon/store"
)

// renew has new revisions made: by the daemon when one runs, else here.
func (q recomputeQuestion) renew(ctx context.Context, span plant.Interval, out io.Writer) error {
	cfg, err := configs.Load(q.config)
	if err != nil {
		return err
	}
	path := string(cfg.Store.Path)
	hold, err := store.HoldRecords(ctx, path)
	if errors.Is(err, store.ErrHeld) {
		return q.tellDaemon(ctx, cfg, span, out)
	}
	if err != nil {
		return err
	}
	book, err := openKPIs(ctx, q.config, true)
	if err != nil {
		return errors.Join(err, hold.Release())
	}
	if err := q.matches(book); err != nil {
		return errors.Join(err, book.records.Close(), hold.Release())
	}
	n, err := book.Recompute(ctx, span, matching(q.equipment), engine.RecomputeWhy(q.user, q.reason))
	if err := errors.Join(err, book.records.Close(), hold.Release()); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d new revisions\n", n)
	if n > 0 {
		fmt.Fprintln(out, "andon does not run: their points go to InfluxDB when it starts")
	}
	return nil
}

// tellDaemon gives the daemon the command and waits until it is done.
func (q recomputeQuestion) tellDaemon(ctx context.Context, cfg *configs.Config, span plant.Interval, out io.Writer) error {
	c, err := q.client(cfg)
	if err != nil {
		return err
	}
	records, err := store.OpenReadOnly(ctx, string(cfg.Store.Path))
	if err != nil {
		return err
	}
	defer records.Close()
	call := struct {
		User string `json:"user"`
		engine.RecomputeArgs
	}{q.user, engine.RecomputeArgs{From: span.From, To: span.To, Equipment: q.equipment, Reason: q.reason}}
	body, err := json.Marshal(call)
	if err != nil {
		return err
	}
	why := engine.RecomputeWhy(q.user, q.reason)
	before, err := records.RevisedFor(ctx, span, why)
	if err != nil {
		return err
	}
	var done struct{ Why string }
	if err := c.ask(ctx, http.MethodPost, "/api/v1/kpis/recompute", body, &done); err != nil {
		return fmt.Errorf("andon runs on these records and was asked at %s: %w (or stop andon and run this again)", c.url, err)
	}
	if err := awaitRecomputed(ctx, records, string(cfg.Store.Path), done.Why); err != nil {
		return err
	}
	n, err := records.RevisedFor(ctx, span, done.Why)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d new revisions\n", n-before)
	if n == before {
		fmt.Fprintln(out, "the daemon finds all as its facts and its definitions say; they are those of its start")
	}
	return nil
}

// client returns how to speak to the daemon of a configuration.
func (q recomputeQuestion) client(cfg *configs.Config) (*client, error) {
	token, err := setting.Read(cfg.Web.Token, cfg.Web.TokenFile)
	if err != nil {
		return nil, err
	}
	if token == "" {
		return nil, errors.New("andon runs on these records, and web.token is not set, so nobody can tell it: set web.token, or stop andon and run this again")
	}
	http, address, err := healthQuestion{file: q.config}.where()
	if err != nil {
		return nil, err
	}
	return &client{url: address, token: token.Reveal(), user: q.user, http: http}, nil
}

// awaitRecomputed waits until the records have nothing left to do of a command
// to recompute.
func awaitRecomputed(ctx context.Context, records *store.Store, path, why string) error {
	look := time.NewTicker(200 * time.Millisecond)
	defer look.Stop()
	for {
		rows, err := records.DirtyTime(ctx)
		if err != nil {
			return err
		}
		left := false
		for _, d := range rows {
			left = left || d.Kind == store.DirtyRecompute && d.Why == why
		}
		if !left {
			return nil
		}
		if hold, err := store.HoldRecords(ctx, path); err == nil {
			return errors.Join(errors.New("andon ended before all was recomputed: it goes on when it starts again"), hold.Release())
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for andon to recompute: %w: it goes on with it", ctx.Err())
		case <-look.C:
		}
	}
}
