package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// A stage is one program of the demonstration. Stages start in the order of
// the list and stop in the reverse order, so that andon still has a database
// while it hands over what it took.
type stage struct {
	name  string
	args  []string
	env   []string
	log   string // file for what it prints
	ready func() error
	wait  time.Duration // how long until it must be ready
	held  *os.File      // a lock that the program keeps until it ends, nil for none
}

func plan(o options, held *os.File) []stage {
	port := strconv.Itoa
	database := absolute(filepath.Join(o.dir, "influxdb"))
	return []stage{
		{
			name: "influxd",
			args: []string{filepath.Join(o.bin, "influxd"), "-config", "deploy/influxd/influxdb.conf"},
			env: []string{"INFLUXDB_META_DIR=" + filepath.Join(database, "meta"), "INFLUXDB_DATA_DIR=" + filepath.Join(database, "data"),
				"INFLUXDB_DATA_WAL_DIR=" + filepath.Join(database, "wal"), "INFLUXDB_HTTP_BIND_ADDRESS=127.0.0.1:" + port(o.influx)},
			held:  held,
			log:   filepath.Join(o.dir, "influxd.log"),
			ready: answers(fmt.Sprintf("http://127.0.0.1:%d/ping", o.influx)),
			wait:  60 * time.Second,
		},
		{
			name: "plantsim",
			args: []string{filepath.Join(o.bin, "plantsim"), "--scenario", o.scenario, "--loop",
				"--opcua-listen", "127.0.0.1:" + port(o.opcua), "--mqtt-listen", "127.0.0.1:" + port(o.mqtt),
				"--data", filepath.Join(o.dir, "plantsim")},
			held:  held,
			log:   filepath.Join(o.dir, "plantsim.log"),
			ready: listens(o.opcua, o.mqtt),
			wait:  30 * time.Second,
		},
		{
			name: "andon",
			args: []string{filepath.Join(o.bin, "andon"), "run", "-c", o.config},
			env: []string{"ANDON_PORT=" + port(o.andon), "INFLUX_PORT=" + port(o.influx), "OPCUA_PORT=" + port(o.opcua),
				"MQTT_PORT=" + port(o.mqtt), "ANDON_DATA=" + absolute(filepath.Join(o.dir, "andon"))},
			held:  held,
			log:   filepath.Join(o.dir, "andon.log"),
			ready: answers(fmt.Sprintf("http://127.0.0.1:%d/readyz", o.andon)),
			wait:  60 * time.Second,
		},
	}
}

func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// checkPorts refuses to start when a port is taken and says which.
func checkPorts(o options) error {
	for _, p := range []struct {
		variable string
		port     int
	}{{"ANDON_PORT", o.andon}, {"INFLUX_PORT", o.influx}, {"OPCUA_PORT", o.opcua}, {"MQTT_PORT", o.mqtt}} {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", p.port))
		if err != nil {
			return fmt.Errorf("port %d is taken or not allowed: choose another with `make run %s=…` (%w)", p.port, p.variable, err)
		}
		l.Close()
	}
	return nil
}

// answers reports nil once a GET of url succeeds with a 2xx status.
func answers(url string) func() error {
	client := http.Client{Timeout: 2 * time.Second}
	return func() error {
		resp, err := client.Get(url)
		if err != nil {
			return err
		}
		resp.Body.Close()
		if resp.StatusCode/100 != 2 {
			return fmt.Errorf("%s answers %s", url, resp.Status)
		}
		return nil
	}
}

// listens reports nil once every port takes connections.
func listens(ports ...int) func() error {
	return func() error {
		for _, p := range ports {
			c, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", p), time.Second)
			if err != nil {
				return err
			}
			c.Close()
		}
		return nil
	}
}
