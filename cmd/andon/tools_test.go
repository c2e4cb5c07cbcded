package main

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/mqtt/mqtttest"
	"andon/collector/opcua/opcuatest"
	"andon/configs"
)

// tool runs a command as from a shell.
func tool(t *testing.T, args ...string) (out, told string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var stdout, stderr bytes.Buffer
	err = run(ctx, args, &stdout, &stderr)
	return stdout.String(), stderr.String(), err
}

// packingServer is a server with the nodes of a filler.
func packingServer(t *testing.T, o opcuatest.Options) *opcuatest.Server {
	t.Helper()
	s := opcuatest.Start(t, o)
	s.Add("LineA.A1.Status.StateCurrent", int32(6))
	s.Add("LineA.A1.Admin.Count", uint32(17))
	s.Add("LineA.A1.Motor.Speed", float32(12.5))
	s.Add("LineA.A1.Diagnostics.Load", float64(0.5))
	return s
}

// packingConfig is a configuration that reads two of them.
func packingConfig(t *testing.T, source string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "andon.yaml")
	text := fmt.Sprintf(`data_dir: data
influx: {url: "http://127.0.0.1:1", bucket: plant}
sources:
  - name: packing
    %s
plant:
  site: northfield
  zone: UTC
  areas:
    - name: packing
      lines:
        - name: lineA
          equipment:
            - name: A1
              source: packing
              tags:
                - {name: state, role: state, type: int, address: "nsu=urn:northfield:plant;s=LineA.A1.Status.StateCurrent"}
                - {name: speed, type: int, address: "ns=2;s=LineA.A1.Motor.Speed"}
                - {name: gone, type: int, address: "ns=2;s=LineA.A1.Gone"}
`, source)
	if !strings.HasPrefix(source, "opcua") {
		text = addressKey.ReplaceAllString(text, "")
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

var addressKey = regexp.MustCompile(`, address: "[^"]*"`)

func opcuaSource(url string) string {
	return fmt.Sprintf("opcua: {endpoint: %q, publishing_interval: 20ms, security: {policy: None, insecure: true}}", url)
}

func TestBrowseShowsTheVariablesOfAServer(t *testing.T) {
	s := packingServer(t, opcuatest.Options{})
	out, told, err := tool(t, "browse", s.URL(), "--insecure", "--exclude", "**/Diagnostics")
	if err != nil {
		t.Fatalf("browse: %v\n%s", err, told)
	}
	var got []string
	for _, line := range strings.Split(strings.TrimRight(out, "\n"), "\n") {
		got = append(got, strings.Join(strings.Fields(line), " "))
	}
	want := []string{"LineA FolderType", "A1 FolderType", "Status FolderType", "StateCurrent Int32 nsu=urn:northfield:plant;s=LineA.A1.Status.StateCurrent",
		"Admin FolderType", "Count UInt32 nsu=urn:northfield:plant;s=LineA.A1.Admin.Count", "Motor FolderType", "Speed Float nsu=urn:northfield:plant;s=LineA.A1.Motor.Speed"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if !strings.Contains(told, "3 variables") {
		t.Errorf("told %q, want the number of variables", told)
	}
}

func TestBrowseMakesConfigurationThatIsReadyToUse(t *testing.T) {
	s := packingServer(t, opcuatest.Options{})
	out, told, err := tool(t, "browse", s.URL(), "--insecure", "-o", "config", "--area", "packing")
	if err != nil {
		t.Fatalf("browse: %v\n%s", err, told)
	}
	file := filepath.Join(t.TempDir(), "andon.yaml")
	if err := os.WriteFile(file, []byte(out+"influx: {url: \"http://127.0.0.1:1\", bucket: plant}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := configs.Load(file)
	if err != nil {
		t.Fatalf("andon check: %v\n%s", err, out)
	}
	eq := cfg.Plant.Areas[0].Lines[0].Equipment[0]
	if cfg.Sources[0].OPCUA.Endpoint != s.URL() || eq.Name != "A1" || eq.Source != "server" || len(eq.Tags) != 4 ||
		eq.Tags[0].Name != "Status_StateCurrent" || eq.Tags[0].Address != "nsu=urn:northfield:plant;s=LineA.A1.Status.StateCurrent" || eq.Tags[0].Type != "int" {
		t.Errorf("got %+v", eq)
	}
}

func TestBrowseTellsWhatServerAndConfigurationDifferIn(t *testing.T) {
	s := packingServer(t, opcuatest.Options{})
	file := packingConfig(t, opcuaSource(s.URL()))
	out, told, err := tool(t, "browse", "packing", "-c", file, "-o", "diff", "--exclude", "**/Diagnostics")
	if err == nil {
		t.Error("got status 0, want 1: there are differences")
	}
	for _, want := range []string{"+ LineA/A1/Admin/Count", "- northfield/packing/lineA/A1/gone", "~ northfield/packing/lineA/A1/speed  type int: the server's is Float", "1 new, 1 gone, 1 changed"} {
		if !strings.Contains(out, want) {
			t.Errorf("got\n%s%s\nwant %q", out, told, want)
		}
	}
	if n := s.Counts().SessionsActive; n != 0 {
		t.Errorf("got %d sessions left at the server, want 0", n)
	}
}

func TestBrowseAsksTheSimulatedPlant(t *testing.T) {
	r := &rig{t: t, dir: t.TempDir(), opcua: freePort(t), mqtt: freePort(t)}
	r.plant("showcase")
	address := fmt.Sprintf("opc.tcp://127.0.0.1:%d", r.opcua)
	var out string
	eventually(t, 20*time.Second, "plantsim answers", func() (err error) {
		out, _, err = tool(t, "browse", address, "--insecure", "-o", "json")
		return err
	})
	found := map[string]browsedVariable{}
	for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
		var v browsedVariable
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatal(err)
		}
		found[v.Path] = v
	}
	v := found["LineA/A1/Admin/ProdProcessedCount"]
	if v.Address != "nsu=urn:northfield:plant;s=LineA.A1.Admin.ProdProcessedCount" || v.Type != "uint" || v.DataType != "UInt32" || !v.Readable || !v.Scalar {
		t.Errorf("got %+v of %d variables", v, len(found))
	}
	if out, told, err := tool(t, "probe", address, "--insecure"); err != nil || !strings.Contains(out, "urn:northfield:plant") || !strings.Contains(out, "None/None, anonymous") {
		t.Errorf("probe: %v\n%s%s", err, out, told)
	}
}

func TestProbeShowsASecureServerAndSuggestsConfiguration(t *testing.T) {
	der, key, err := opcuatest.NewCertificate(opcuatest.CertOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s := packingServer(t, opcuatest.Options{Certificate: der, Key: key, Users: map[string]string{"andon": "secret"}, Limits: opcuatest.Limits{Read: 100}})
	dir := t.TempDir()
	pki, password := filepath.Join(dir, "pki"), filepath.Join(dir, "password")
	if err := os.WriteFile(password, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, told, err := tool(t, "probe", s.URL(), "--save", pki)
	if err != nil || !strings.Contains(out, "no: no trusted certificates") || !strings.Contains(out, "not tried") {
		t.Fatalf("before it is trusted: got %v\n%s%s", err, out, told)
	}
	out, told, err = tool(t, "probe", s.URL(), "--trusted", pki, "--user", "andon", "--password-file", password, "--pki", filepath.Join(dir, "own"))
	if err != nil {
		t.Fatalf("probe: %v\n%s%s", err, out, told)
	}
	text := strings.Join(strings.Fields(out), " ")
	for _, want := range []string{"Basic256Sha256/SignAndEncrypt, user name", "trusted yes", "Basic256Sha256 as andon: well", "MaxNodesPerRead 100",
		"namespace 2 urn:northfield:plant", "clock", "round trip", "security: {policy: Aes256_Sha256_RsaPss, mode: SignAndEncrypt, trusted:", `username: "andon"`} {
		if !strings.Contains(text, want) {
			t.Errorf("got\n%s\nwant %q", out, want)
		}
	}
	_, _, err = tool(t, "probe", s.URL(), "--trusted", t.TempDir(), "--user", "andon", "--password-file", password, "--pki", filepath.Join(dir, "own"))
	if err == nil {
		t.Error("with an empty trusted folder: got status 0, want 1")
	}
}

func TestProbeLogsInWithAUsersCertificateAtAnAddressThatTheServerDoesNotKnow(t *testing.T) {
	pair := func(uri string, hosts ...string) (der []byte, key *rsa.PrivateKey) {
		der, key, err := opcuatest.NewCertificate(opcuatest.CertOptions{URI: uri, Hosts: hosts})
		if err != nil {
			t.Fatal(err)
		}
		return der, key
	}
	der, key := pair("", "192.0.2.7")
	user, userKey := pair("urn:northfield:anna")
	s := packingServer(t, opcuatest.Options{Certificate: der, Key: key, UserCertificates: [][]byte{user}})
	dir := t.TempDir()
	file := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	args := []string{"probe", s.URL(), "--trusted", file("server.der", der), "--pki", filepath.Join(dir, "own"),
		"--user-cert", file("anna.der", user), "--user-key", file("anna.key", x509.MarshalPKCS1PrivateKey(userKey))}
	if out, told, err := tool(t, args...); err == nil || !strings.Contains(out+told, "allow_other_host") {
		t.Errorf("got %v\n%s%s, want the certificate refused for its host", err, out, told)
	}
	out, told, err := tool(t, append(args, "--allow-other-host")...)
	text := strings.Join(strings.Fields(out), " ")
	for _, want := range []string{"as the user of " + filepath.Join(dir, "anna.der"), "allow_other_host: true}", "auth: {cert_file:"} {
		if err != nil || !strings.Contains(text, want) {
			t.Errorf("got %v\n%s%s\nwant %q", err, out, told, want)
		}
	}
}

func TestProbeAsksEveryServerOfASource(t *testing.T) {
	one, two := packingServer(t, opcuatest.Options{}), packingServer(t, opcuatest.Options{})
	dead := packingServer(t, opcuatest.Options{})
	dead.Close()
	file := packingConfig(t, strings.Replace(opcuaSource(one.URL()), `endpoint: "`+one.URL()+`"`,
		`endpoints: ["`+one.URL()+`", "`+dead.URL()+`", "`+two.URL()+`"]`, 1))
	out, told, err := tool(t, "probe", "-c", file, "packing")
	if !strings.Contains(out, one.URL()) || !strings.Contains(out, two.URL()) {
		t.Errorf("got\n%s%s\nwant both servers that live", out, told)
	}
	if err == nil || !strings.Contains(err.Error(), dead.URL()) {
		t.Errorf("error: got %v, want one that names the dead one, %s", err, dead.URL())
	}
}

func TestProbeNamesTheTagsThatCannotBeRead(t *testing.T) {
	s := packingServer(t, opcuatest.Options{Limits: opcuatest.Limits{Read: 2}})
	out, told, err := tool(t, "probe", "-c", packingConfig(t, opcuaSource(s.URL())), "packing")
	text := strings.Join(strings.Fields(out), " ")
	if err != nil || !strings.Contains(text, "tags 2 of 3 are well") || !strings.Contains(text, "northfield/packing/lineA/A1/gone StatusBadNodeIDUnknown (ns=2;s=LineA.A1.Gone)") {
		t.Errorf("got %v\n%s%s\nwant the one tag without a node named", err, out, told)
	}
}

func TestProbeSaysWhyALoginFails(t *testing.T) {
	s := packingServer(t, opcuatest.Options{Users: map[string]string{"andon": "secret"}})
	file := packingConfig(t, opcuaSource(s.URL()))
	out, _, err := tool(t, "probe", "packing", "-c", file)
	if err == nil || !strings.Contains(out, "failed: log in") {
		t.Errorf("got %v\n%s\nwant status 1 and why the login failed", err, out)
	}
}

func TestTailShowsValuesAndLeavesNothingAtTheServer(t *testing.T) {
	s := packingServer(t, opcuatest.Options{})
	file := packingConfig(t, opcuaSource(s.URL()))
	out, told, err := tool(t, "tail", "packing", "state", "-c", file, "--json", "--count", "1")
	if err != nil {
		t.Fatalf("tail: %v\n%s", err, told)
	}
	var got tailLine
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v in %q", err, out)
	}
	if got.Tag != "northfield/packing/lineA/A1/state" || got.Status != "good" || got.Time.IsZero() || !strings.Contains(out, `"value":6`) {
		t.Errorf("got %s", out)
	}
	if c := s.Counts(); c.SessionsActive != 0 || c.Subscriptions != 0 {
		t.Errorf("got %d sessions and %d subscriptions left at the server, want none", c.SessionsActive, c.Subscriptions)
	}
}

func TestTailShowsBadValuesAsTheyCome(t *testing.T) {
	s := packingServer(t, opcuatest.Options{})
	if err := s.Set("LineA.A1.Status.StateCurrent", opcuatest.Value{Status: ua.StatusBadSensorFailure}); err != nil {
		t.Fatal(err)
	}
	file := packingConfig(t, opcuaSource(s.URL()))
	_, told, err := tool(t, "tail", "packing", "**/state", "-c", file, "-n", "1")
	if err == nil || !strings.Contains(err.Error(), "no tag of it matches") {
		t.Errorf("a pattern with ** at its start: got %v, %s; want that it matches none", err, told)
	}
	if out, told, err := tool(t, "tail", "packing", "northfield/packing/*/*/state", "-c", file, "-n", "1"); err != nil || !strings.Contains(out, "bad_sensor_failure  northfield/packing/lineA/A1/state  -") {
		t.Errorf("got %v, %q\n%s", err, out, told)
	}
}

func TestTailOfABrokerDoesNotPushTheDaemonOut(t *testing.T) {
	b := mqtttest.Start(t, mqtttest.Options{})
	file := packingConfig(t, fmt.Sprintf(`mqtt: {url: %q, client_id: andon-daemon, subscriptions: [{topic: "$share/andon/plant/{area}/{line}/{equipment}", place: {site: northfield}}]}`, b.URL()))
	c := b.Connect(t, mqtttest.ClientOptions{ID: "filler"})
	c.PublishRetained("plant/packing/lineA/A1", `{"speed": 7}`)
	out, told, err := tool(t, "tail", "packing", "speed", "-c", file, "-n", "1")
	if err != nil || !strings.Contains(out, "northfield/packing/lineA/A1/speed  7") {
		t.Errorf("got %v, %q\n%s; want the retained value", err, out, told)
	}
}

func TestSourcesAreCompleted(t *testing.T) {
	file := packingConfig(t, opcuaSource("opc.tcp://127.0.0.1:1"))
	for _, command := range []string{"browse", "probe", "tail"} {
		out, _, err := tool(t, "__complete", command, "-c", file, "")
		if err != nil || !strings.HasPrefix(out, "packing\n") {
			t.Errorf("%s: got %q, %v; want packing", command, out, err)
		}
	}
}

func TestAToolSaysWhichSourcesThereAre(t *testing.T) {
	file := packingConfig(t, opcuaSource("opc.tcp://127.0.0.1:1"))
	if _, told, err := tool(t, "tail", "paking", "-c", file); err == nil || !strings.Contains(told, "want one of packing") {
		t.Errorf("got %v, %q; want the names of the sources", err, told)
	}
	if _, told, err := tool(t, "browse", "packing", "-c", file, "--insecure"); err == nil || !strings.Contains(told, "the flags are for addresses") {
		t.Errorf("got %v, %q; want that flags and a source do not go together", err, told)
	}
}
