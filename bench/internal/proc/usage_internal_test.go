package proc

import (
	"testing"
	"time"
)

func TestProcessorTimeOfAProgramWithAnOddName(t *testing.T) {
	stat := "42 (a) b (c) S 1 42 42 0 -1 4194304 100 0 0 0 150 25 0 0 20 0 9 0 5000 1 1 1"
	if got, err := cpuOf(stat); err != nil || got != 1750*time.Millisecond {
		t.Errorf("time = %v, %v, want 1.75s", got, err)
	}
	if _, err := cpuOf("42 (cut"); err == nil {
		t.Error("a cut text has a time")
	}
}

func TestPeakMemory(t *testing.T) {
	if got, err := peakOf("VmPeak:\t 900 kB\nVmHWM:\t   12 kB\nVmRSS:\t 11 kB\n"); err != nil || got != 12<<10 {
		t.Errorf("peak = %d, %v, want 12 KiB", got, err)
	}
	if _, err := peakOf("Name:\tgone\n"); err == nil {
		t.Error("a program that has ended has a peak")
	}
}
