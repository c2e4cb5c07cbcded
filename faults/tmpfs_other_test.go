//go:build !linux

package faults_test

import (
	"errors"
	"testing"
)

// smallDisk is for Linux only.
func smallDisk(*testing.T, int) (string, error) { return "", errors.New("no tmpfs here") }

func fill(*testing.T, string) func() { panic("there is no small disk") }
