package main

import (
	"fmt"
	"log/slog"
	"path/filepath"

	"andon/collector"
	"andon/collector/mqtt"
	"andon/collector/opcua"
	"andon/configs"

	"github.com/prometheus/client_golang/prometheus"
)

// buildSources makes a source of every entry; it connects to nothing.
func buildSources(cfg *configs.Config, d *discovery, reg prometheus.Registerer, log *slog.Logger) ([]collector.Source, error) {
	tree := d.tree
	opcuaMetrics, mqttMetrics := opcua.NewMetrics(reg), mqtt.NewMetrics(reg)
	var sources []collector.Source
	for i, s := range cfg.Sources {
		var src collector.Source
		var err error
		switch {
		case s.OPCUA != nil:
			src, err = opcua.New(opcua.Options{Config: *s.OPCUA, Name: s.Name, Tags: configs.TagsOf(tree, s.Name), Log: log,
				Metrics: opcuaMetrics, StateDir: filepath.Join(string(cfg.DataDir), "pki"),
				Found:    d.found,
				Handover: filepath.Join(string(cfg.DataDir), "opcua", s.Name+".subscription.json"),
				History:  filepath.Join(string(cfg.DataDir), "opcua", s.Name+".history.json")})
		case s.MQTT != nil:
			src, err = mqtt.New(mqtt.Options{Config: *s.MQTT, Name: s.Name, Tree: tree, Log: log, Metrics: mqttMetrics})
		}
		if err != nil {
			return nil, fmt.Errorf("sources[%d] %s: %w", i, s.Name, err)
		}
		sources = append(sources, src)
	}
	return sources, nil
}
