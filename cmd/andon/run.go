package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"andon/configs"

	"github.com/spf13/cobra"
)

func runCommand() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run the daemon",
		Long: `run collects, computes and calls people until SIGTERM or Ctrl-C. It starts also when sources,
InfluxDB or receivers are away, says so on /readyz and tries again.`,
		Example: "  andon run -c /etc/andon/andon.yaml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := configs.Load(file)
			if err != nil {
				fmt.Fprintln(cmd.ErrOrStderr(), err)
				return errQuiet
			}
			return runDaemon(cmd.Context(), cfg, newLog(cfg.Log, cmd.ErrOrStderr()))
		},
	}
	configFlag(cmd, &file)
	return cmd
}

func runDaemon(ctx context.Context, cfg *configs.Config, log *slog.Logger) error {
	log.Info("andon starts", "version", version, "plant", cfg.Summary(), "data", cfg.DataDir)
	d, err := newDaemon(ctx, cfg, log)
	if err != nil {
		return err
	}
	err = runStages(ctx, d.stages, log)
	log.Info("andon stopped")
	return err
}

func newLog(cfg configs.Log, w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Level)); err != nil {
		level = slog.LevelInfo // the loader has checked it
	}
	opts := &slog.HandlerOptions{Level: level}
	if cfg.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}
