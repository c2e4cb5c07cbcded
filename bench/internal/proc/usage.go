package proc

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of the times in /proc/PID/stat; Linux fixes it for
// programs at 100 a second on every architecture Go runs on.
const tick = 10 * time.Millisecond

// Usage is what a program has cost since its start.
type Usage struct {
	// CPU is user and system time of all its threads, in steps of 10 ms.
	CPU time.Duration
	// Peak is the largest resident memory it ever had, in bytes.
	Peak int64
}

// Usage reads what the program has cost so far. It fails once it has ended.
func (p *Process) Usage() (Usage, error) {
	base := "/proc/" + strconv.Itoa(p.cmd.Process.Pid)
	stat, err := os.ReadFile(base + "/stat")
	if err != nil {
		return Usage{}, fmt.Errorf("read the processor time of %s: %w", p.Name, err)
	}
	status, err := os.ReadFile(base + "/status")
	if err != nil {
		return Usage{}, fmt.Errorf("read the memory of %s: %w", p.Name, err)
	}
	var u Usage
	if u.CPU, err = cpuOf(string(stat)); err == nil {
		u.Peak, err = peakOf(string(status))
	}
	if err != nil {
		return Usage{}, fmt.Errorf("read what %s costs: %w", p.Name, err)
	}
	return u, nil
}

// cpuOf reads user and system time from the text of /proc/PID/stat. The name
// of the program, in brackets, may hold spaces and brackets itself.
func cpuOf(stat string) (time.Duration, error) {
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	const user, system = 11, 12 // counted from the state, which follows the name
	if len(fields) <= system {
		return 0, fmt.Errorf("stat has %d fields after the name, want at least %d", len(fields), system+1)
	}
	u, err := strconv.ParseInt(fields[user], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("user time: %w", err)
	}
	s, err := strconv.ParseInt(fields[system], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("system time: %w", err)
	}
	return time.Duration(u+s) * tick, nil
}

// peakOf reads the largest resident memory from the text of /proc/PID/status.
func peakOf(status string) (int64, error) {
	for line := range strings.Lines(status) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			if err != nil {
				return 0, fmt.Errorf("VmHWM: %w", err)
			}
			return kib << 10, nil
		}
	}
	return 0, fmt.Errorf("status has no VmHWM: the program has ended")
}
