// Package scenarios holds the scenarios that come with plantsim.
package scenarios

import "embed"

// Files holds them, one YAML file each.
//
//go:embed *.yaml
var Files embed.FS
