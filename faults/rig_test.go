package faults_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"andon/collector/mqtt/mqtttest"
	"andon/influx/influxtest"
	"andon/plant"
)

// long is whether the tests take their long form.
var long = os.Getenv("ANDON_TEST_FAULTS") == "long"

// either returns the value for the short or the long form.
func either[T any](short, thorough T) T {
	if long {
		return thorough
	}
	return short
}

// The plant: the machines that tell and, after them, one that is silent until
// the test speaks for it.
const (
	machines = 20
	tags     = 10
	spare    = "load/hall/line3/m021"
)

// rate is how many samples the plant tells in a second.
func rate() int { return either(1000, 5000) }

// Options of a rig. The zero Options are a plant with a healthy InfluxDB.
type options struct {
	direct bool   // andon writes to InfluxDB itself and not to the proxy
	influx string // more keys of the section influx, indented by two
	extra  string // more sections of the configuration
	dir    string // for andon's data, "" for a temporary one
	db     string // for InfluxDB's data, "" for a temporary one
	opcua  bool   // the machines are on an OPC UA server and not on MQTT
}

// A rig is a plant with everything real. Its methods are for the goroutine of
// the test.
type rig struct {
	t      *testing.T
	db     *influxtest.DB
	proxy  *proxy
	broker *mqtttest.Broker // nil on OPC UA
	dir    string           // of files that the test may look at
	data   string           // andon's
	config string
	url    string // andon's
	opcua  string // host:port of the plant's OPC UA server, "" for MQTT
	random *rand.Rand

	andon   *process // the last that was started
	plant   *process // the last load
	endless bool     // the plant tells until settled
	truth   []string // files, one a load
	extra   []truthLine
	kills   int
}

// newRig prepares everything and starts all but andon and the plant.
func newRig(t *testing.T, o options) *rig {
	t.Helper()
	if testing.Short() {
		t.Skip("takes half a minute of a plant's time")
	}
	t.Parallel()
	r := &rig{t: t, dir: t.TempDir(), random: rand.New(rand.NewPCG(seed(t), 0))}
	if o.db == "" {
		o.db = t.TempDir()
	}
	r.db = influxtest.StartIn(t, o.db)
	r.db.CreateDatabase("plant")
	r.proxy = newProxy(t, r.db.URL())
	if o.opcua {
		r.opcua = fmt.Sprintf("127.0.0.1:%d", freePort(t))
	} else {
		r.broker = mqtttest.Start(t, mqtttest.Options{})
	}
	r.data = filepath.Join(r.dir, "andon")
	if o.dir != "" {
		r.data = o.dir
	}
	r.writeConfig(o)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("output of andon:\n%s", lastLines(filepath.Join(r.dir, "andon.log"), 60))
		}
	})
	return r
}

// seed returns the seed of the test's random moments and prints it.
func seed(t *testing.T) uint64 {
	s := rand.Uint64N(1_000_000)
	if text := os.Getenv("ANDON_TEST_SEED"); text != "" {
		var err error
		if s, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("ANDON_TEST_SEED: %v", err)
		}
	}
	t.Logf("ANDON_TEST_SEED=%d", s)
	return s
}

func (r *rig) plantsim(more ...string) *process {
	r.t.Helper()
	way := []string{"--opcua-listen", r.opcua}
	if r.opcua == "" {
		way = []string{"--mqtt-url", r.broker.URL()}
	}
	args := append(append([]string{"load"}, way...), append([]string{"--machines", strconv.Itoa(machines), "--tags", strconv.Itoa(tags),
		"--rate", strconv.Itoa(rate())}, more...)...)
	return launch(r.t, filepath.Join(r.dir, "plantsim.log"), "plantsim", args...)
}

// start starts andon.
func (r *rig) start() {
	r.t.Helper()
	r.andon = launch(r.t, filepath.Join(r.dir, "andon.log"), "andon", "run", "-c", r.config)
}

// ready waits until /readyz says that all is well.
func (r *rig) ready(within time.Duration) {
	r.t.Helper()
	eventually(r.t, within, "andon ready", func() error {
		r.alive()
		status, body, err := r.get("/readyz")
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("%d: %s", status, body)
		}
		return err
	})
}

// tell lets the plant tell its values, for a time or with 0 until the end of
// the test, and writes them down.
func (r *rig) tell(d time.Duration) {
	r.t.Helper()
	r.endless = d == 0
	truth := filepath.Join(r.dir, fmt.Sprintf("truth-%d.ndjson", len(r.truth)+1))
	r.truth = append(r.truth, truth)
	r.plant = r.plantsim("--duration", d.String(), "--truth", truth)
}

// live lets d pass, in which andon is killed so many times at random moments
// and started again at once. It must not end otherwise.
func (r *rig) live(d time.Duration, kills int) {
	r.t.Helper()
	begin := time.Now()
	for _, at := range moments(r.random, d, kills) {
		r.pass(time.Until(begin.Add(at)))
		r.kill()
		r.start()
	}
	r.pass(time.Until(begin.Add(d)))
}

// moments returns n random moments in d, in order.
func moments(random *rand.Rand, d time.Duration, n int) []time.Duration {
	var all []time.Duration
	for i := range n { // one in each nth part of the time
		part := d / time.Duration(n)
		all = append(all, time.Duration(i)*part+time.Duration(random.Int64N(int64(part))))
	}
	return all
}

// kill ends andon as `kill -9` does.
func (r *rig) kill() {
	r.andon.kill()
	r.kills++
}

// pass lets d pass, and fails when andon ends.
func (r *rig) pass(d time.Duration) {
	r.t.Helper()
	r.alive()
	if d <= 0 {
		return
	}
	over := time.After(d)
	progress := time.NewTicker(time.Minute)
	defer progress.Stop()
	for begin := time.Now(); ; {
		select {
		case <-over:
			return
		case <-progress.C:
			r.t.Logf("%s of %s; andon killed %d times", time.Since(begin).Round(time.Second), d.Round(time.Second), r.kills)
		case <-r.andon.done:
			r.alive()
		case <-r.t.Context().Done():
			r.t.Fatal(r.t.Context().Err())
		}
	}
}

// alive fails the test when andon has ended.
func (r *rig) alive() {
	r.t.Helper()
	select {
	case <-r.andon.done:
		r.t.Fatalf("andon ended by itself: %v\n%s", r.andon.err, lastLines(r.andon.log, 20))
	default:
	}
}

// say lets the silent machine tell one value, in JSON, which belongs to the
// ground truth like those of the plant.
func (r *rig) say(c *mqtttest.Client, tag, value string) {
	r.t.Helper()
	r.sayAt(c, tag, value, time.Now())
}

// sayAt is say with a time of one's own.
func (r *rig) sayAt(c *mqtttest.Client, tag, value string, at time.Time) {
	r.t.Helper()
	at = at.Truncate(time.Millisecond)
	l := truthLine{Tag: spare + "/" + tag, Time: plant.At(at)}
	if err := json.Unmarshal([]byte(value), &l.Value); err != nil {
		r.t.Fatal(err)
	}
	c.Publish(spare, fmt.Sprintf(`{"ts":%d,%q:%s}`, at.UnixMilli(), tag, value))
	r.extra = append(r.extra, l)
}

// get asks andon.
func (r *rig) get(path string) (status int, body []byte, err error) {
	resp, err := http.Get(r.url + path)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(resp.Body)
	return resp.StatusCode, body, err
}

// metric returns the sum over the labels of one of andon's metrics.
func (r *rig) metric(name string) (float64, error) {
	_, body, err := r.get("/metrics")
	sum, found := 0., false
	for line := range strings.Lines(string(body)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if key, _, _ = strings.Cut(key, "{"); key == name {
			v, _ := strconv.ParseFloat(value, 64)
			sum, found = sum+v, true
		}
	}
	if err == nil && !found {
		err = fmt.Errorf("no metric %s", name)
	}
	return sum, err
}
