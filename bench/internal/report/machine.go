package report

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// Machine is where and with what was measured.
type Machine struct {
	CPU      string    `json:"cpu"`
	Cores    int       `json:"cores"`
	MemoryMB int       `json:"memory_mb"`
	Kernel   string    `json:"kernel"`
	Go       string    `json:"go"`
	Andon    string    `json:"andon"`
	Telegraf string    `json:"telegraf"`
	Broker   string    `json:"broker"`
	InfluxDB string    `json:"influxdb"`
	Began    time.Time `json:"began"`
	// Load is the load average of one minute before the first run.
	Load string `json:"load_before"`
}

// ThisMachine reads what the system tells of itself; what it does not tell is
// empty. Versions are left to set.
func ThisMachine() Machine {
	return Machine{
		CPU:      after("/proc/cpuinfo", "model name"),
		Cores:    runtime.NumCPU(),
		MemoryMB: kibibytes(after("/proc/meminfo", "MemTotal")) >> 10,
		Kernel:   strings.TrimSpace(text("/proc/sys/kernel/osrelease")) + " " + runtime.GOARCH,
		Go:       runtime.Version(),
		Began:    time.Now().UTC().Truncate(time.Second),
		Load:     first(text("/proc/loadavg")),
	}
}

func (m Machine) String() string {
	t := table{head: []string{"", ""}}
	t.add("date", m.Began.Format("2006-01-02 15:04 MST"))
	t.add("processor", fmt.Sprintf("%s, %d cores, shared by all programs of a run", m.CPU, m.Cores))
	t.add("memory", thousands(fmt.Sprint(m.MemoryMB))+" MiB")
	t.add("kernel", "Linux "+m.Kernel)
	t.add("load average before", m.Load)
	t.add("andon", m.Andon)
	t.add("Telegraf", m.Telegraf+", built with "+m.Go)
	t.add("InfluxDB", m.InfluxDB+", built with "+m.Go)
	t.add("broker", m.Broker)
	return t.String()
}

// text returns a file, "" when it cannot be read.
func text(file string) string {
	b, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	return string(b)
}

// after returns what follows a key and a colon on the first such line.
func after(file, key string) string {
	for line := range strings.Lines(text(file)) {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == key {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

func kibibytes(s string) (n int) {
	_, _ = fmt.Sscanf(s, "%d kB", &n) // 0 when it is not told
	return n
}

func first(s string) string {
	word, _, _ := strings.Cut(s, " ")
	return word
}
