package main

import (
	"path/filepath"
	"time"

	"andon/alerts/outbox"
	"andon/collector"
	"andon/engine"
	"andon/plant"
	"andon/rules"
	"andon/system"
)

// watcher builds what watches andon itself.
func (b *builder) watcher(e *engine.Plant, s *collector.Supervisor, writers []system.Writer) (*system.Watcher, error) {
	queue := outbox.NewMemory()
	direct, err := b.outbox(queue, time.Time{})
	if err != nil {
		return nil, err
	}
	o := system.Options{Config: b.cfg.System, Alerts: b.cfg.Alerts, Tree: b.tree, Stream: b.bus, Engine: e, Records: b.store,
		Writers: writers, Sources: s.Health, Direct: direct, Queue: queue, Log: b.log, Metrics: system.NewMetrics(b.reg),
		Folders: []string{string(b.cfg.DataDir), filepath.Dir(string(b.cfg.Store.Path))}}
	if b.cfg.Bus.URL == "" {
		o.Folders = append(o.Folders, string(b.cfg.Bus.Dir))
	}
	for _, src := range b.cfg.Sources {
		if !toldByRules(b.cfg.Rules, b.tree, src.Name) {
			o.Watched = append(o.Watched, src.Name)
		}
	}
	return system.New(o)
}

// toldByRules reports whether rules of absence tell when a source is away: one
// for each equipment that it reads.
func toldByRules(cfg rules.Config, tree *plant.Tree, source string) bool {
	told := false
	for _, eq := range tree.Equipment() {
		if eq.Source != source {
			continue
		}
		told = false
		for _, r := range cfg.Rules {
			told = told || r.Kind == rules.KindAbsence && plant.Match(r.Equipment, eq.Path)
		}
		if !told {
			return false
		}
	}
	return told
}
