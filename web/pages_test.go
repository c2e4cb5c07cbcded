package web_test

import (
	"bytes"
	"compress/gzip"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"andon/collector"
	"andon/web"
)

// update writes the golden pages anew: go test ./web -run Golden -update.
var update = flag.Bool("update", false, "write the golden pages anew")

// hashes are what changes with every change of a style or script, and the ids
// of commands.
var hashes = regexp.MustCompile(`value="[A-Z2-7]{26}"|data-rev="[0-9a-z]+"|\.[0-9a-f]{12}\.(css|js|svg)"|data-build="[0-9a-f]{12}"`)

// asked asks for a page with a person's cookies.
func (s *site) asked(path string, cookies ...*http.Cookie) *http.Response {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return s.ask(r)
}

func TestGoldenPagesInEachState(t *testing.T) {
	s := full(t, nil)
	anna := login(s)
	empty := newSite(t, nil)
	planned, _ := expecting(t)
	reading := full(t, func(c *web.Config) { c.Token, c.Palette, c.Title = "", web.PaletteAndon, "Hall 3 & 4" })
	trouble := full(t, nil)
	trouble.influx.Store(`dial "influx": <refused>`)
	trouble.sources = []collector.Health{{Source: "opcua-1", Since: wall, Error: "session lost"}}
	gone := full(t, nil)
	if err := gone.store.Close(); err != nil {
		t.Fatal(err)
	}
	for name, res := range map[string]*http.Response{
		"board":             s.asked("/"),
		"board-expected":    planned.asked("/"),
		"board-line":        s.asked("/?equipment=" + lineB + "&inch=43&m=3.5"),
		"board-empty":       empty.asked("/"),
		"board-andon":       reading.asked("/"),
		"board-trouble":     trouble.asked("/"),
		"board-no-records":  gone.asked("/"),
		"alarms":            s.asked("/alarms"),
		"alarms-logged-in":  s.asked("/alarms", anna),
		"alarms-empty":      empty.asked("/alarms"),
		"alarms-reading":    reading.asked("/alarms"),
		"alarms-no-records": gone.asked("/alarms"),
		"alarm":             s.asked("/alarms/alarm-hot", anna),
		"alarm-taken":       s.asked("/alarms/alarm-taken"),
		"alarm-over":        s.asked("/alarms/alarm-over"),
		"alarm-unknown":     s.asked("/alarms/nobody"),
		"sources":           troubledSources(t).asked("/sources"),
		"sources-none":      sourceless(t).asked("/sources"),
		"login":             s.asked("/login?next=/alarms/alarm-hot"),
		"login-reading":     reading.asked("/login"),
		"login-wrong":       s.ask(form("/login", "name=Anna", "next=/alarms", "token=wrong")),
	} {
		golden(t, name, res)
	}
}

func golden(t *testing.T, name string, res *http.Response) {
	t.Helper()
	var b bytes.Buffer
	if _, err := b.ReadFrom(res.Body); err != nil {
		t.Fatal(err)
	}
	if size := packed(t, b.Bytes()); size > 15<<10 {
		t.Errorf("%s: got %d bytes of HTML, packed, want at most 15 KiB", name, size)
	}
	if got := res.Header.Get("Content-Type"); got != "text/html; charset=utf-8" {
		t.Errorf("%s: content type: got %q, want HTML", name, got)
	}
	got := http.StatusText(res.StatusCode) + "\n" + hashes.ReplaceAllString(b.String(), `.HASH"`)
	file := filepath.Join("testdata", name+".golden.html")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: the page changed (look at it, then run with -update):\n%s", name, firstDifference(string(want), got))
	}
}

// packed is the size of what goes over the network.
func packed(t *testing.T, page []byte) int {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(page); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range w {
		if i >= len(g) || w[i] != g[i] {
			return "want " + w[i] + "\ngot  " + strings.Join(g[min(i, len(g)):min(i+1, len(g))], "")
		}
	}
	return "got more lines than wanted"
}

var (
	inline   = regexp.MustCompile(`(?i)\s(style|on[a-z]+)\s*=|<style|<script(?: [^>]*)?>[^<]|javascript:`)
	external = regexp.MustCompile(`(?:src|href|action)="(?:https?:)?//`)
)

func TestPagesKeepTheirOwnPolicy(t *testing.T) {
	s := full(t, nil)
	for _, path := range []string{"/", "/alarms", "/alarms/alarm-hot", "/stops", "/stops?stop=stop-a1", "/login", "/nothing"} {
		res := s.get(path)
		h := res.Header
		if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy: got %q, want a strict one", path, csp)
		}
		for header, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
			"Cross-Origin-Opener-Policy": "same-origin", "Cache-Control": "no-store", "Strict-Transport-Security": ""} {
			if got := h.Get(header); got != want {
				t.Errorf("%s: %s: got %q, want %q", path, header, got, want)
			}
		}
		var b bytes.Buffer
		if _, err := b.ReadFrom(res.Body); err != nil {
			t.Fatal(err)
		}
		if found := inline.FindString(b.String()); found != "" {
			t.Errorf("%s: got inline %q, want none", path, found)
		}
		if found := external.FindString(b.String()); found != "" {
			t.Errorf("%s: got foreign %q, want none", path, found)
		}
	}
}

var linked = regexp.MustCompile(`(?:src|href)="(/(?:static/[^"]+|screen\.css[^"]*))"`)

func TestPagesStayWithinTheirBudget(t *testing.T) {
	s := full(t, nil)
	for _, path := range []string{"/", "/alarms", "/alarms/alarm-hot", "/stops?stop=stop-a1"} {
		page := s.expect(s.get(path), http.StatusOK)
		sizes := map[string]int{}
		for _, m := range linked.FindAllStringSubmatch(page, -1) {
			address := strings.ReplaceAll(m[1], "&amp;", "&")
			r := httptest.NewRequest(http.MethodGet, address, nil)
			r.Header.Set("Accept-Encoding", "gzip, br")
			res := s.ask(r)
			body := s.expect(res, http.StatusOK)
			kind, _, _ := strings.Cut(res.Header.Get("Content-Type"), ";")
			sizes[kind] += len(body)
			if strings.HasPrefix(address, "/static/") && !strings.Contains(res.Header.Get("Cache-Control"), "immutable") {
				t.Errorf("%s: got %q, want it kept for ever", address, res.Header.Get("Cache-Control"))
			}
		}
		t.Logf("%s: %d bytes of HTML, %v bytes gzipped", path, len(page), sizes)
		if sizes["text/css"] == 0 || sizes["text/css"] > 10<<10 || sizes["text/javascript"] == 0 || sizes["text/javascript"] > 5<<10 {
			t.Errorf("%s: got %v, want up to 10 KiB of CSS and 5 KiB of JavaScript", path, sizes)
		}
	}
}

func TestStaticFilesAreSentAsTheBrowserCanReadThem(t *testing.T) {
	s := full(t, nil)
	address := linked.FindStringSubmatch(s.expect(s.get("/alarms"), http.StatusOK))[1]
	plain := s.expect(s.get(address), http.StatusOK)
	r := httptest.NewRequest(http.MethodGet, address, nil)
	r.Header.Set("Accept-Encoding", "gzip")
	z, err := gzip.NewReader(s.ask(r).Body)
	if err != nil {
		t.Fatal(err)
	}
	var unpacked bytes.Buffer
	if _, err := unpacked.ReadFrom(z); err != nil || unpacked.String() != plain {
		t.Errorf("gzipped file: got %d bytes and %v, want the %d of the plain one", unpacked.Len(), err, len(plain))
	}
	s.expect(s.get("/static/board.css"), http.StatusNotFound)
}

// modern are words that came after ES2017; a television of 2018 stops at them.
var modern = regexp.MustCompile(`\?\.|\?\?|\*\*=|\bcatch\s*\{|\.\.\.[a-zA-Z{]|\basync\b|\bawait\b|\bimport\b|\bexport\b|#[a-z]+\(|replaceAll|\.at\(|replaceChildren`)

func TestScriptsRunOnOldTelevisions(t *testing.T) {
	names, err := filepath.Glob("static/*.js")
	if err != nil || len(names) == 0 {
		t.Fatalf("scripts: got %v, %v", names, err)
	}
	comment := regexp.MustCompile(`//.*`)
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if found := modern.FindString(comment.ReplaceAllString(string(text), "")); found != "" {
			t.Errorf("%s: got %q, want nothing newer than ES2017", name, found)
		}
	}
}

func TestLettersFitTheScreenAndTheDistance(t *testing.T) {
	s := full(t, nil)
	for query, want := range map[string]string{
		"":             "--u: 6.67vh; --v: 4.85vh;", // 55" from 5 m
		"?inch=43&m=5": "--u: 8.54vh; --v: 6.21vh;",
		"?inch=75&m=5": "--u: 4.89vh; --v: 3.56vh;",
	} {
		if got := s.expect(s.get("/screen.css"+query), http.StatusOK); !strings.Contains(got, want) {
			t.Errorf("sizes of %q: got %s, want %s", query, got, want)
		}
	}
	for _, query := range []string{"?inch=4", "?inch=201", "?m=0", "?m=NaN", "?m=1e9", "?m=;}body{}", "?x=1"} {
		s.expect(s.get("/screen.css"+query), http.StatusBadRequest)
		s.expect(s.get("/"+query), http.StatusBadRequest)
	}
}
