package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// shell runs one command line against an API and returns what it prints.
func shell(t *testing.T, api http.HandlerFunc, args ...string) (string, error) {
	t.Helper()
	server := httptest.NewServer(api)
	defer server.Close()
	var out bytes.Buffer
	err := run(t.Context(), append(args, "--url", server.URL), &out, &out)
	return out.String(), err
}

func TestAnOrderIsStartedFromAShell(t *testing.T) {
	t.Setenv("ANDON_TOKEN", "secret")
	var got, auth string
	out, err := shell(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got, auth = r.Method+" "+r.URL.Path+" "+string(body), r.Header.Get("Authorization")
		io.WriteString(w, `{"line":"n/p/a","order":"PO-9","time":"2026-03-02T08:00:00Z"}`)
	}, "order", "start", "n/p/a", "PO-9", "--product", "P500", "--quantity", "5000", "--user", "Anna", "--due", "2026-03-02T12:00:00Z")
	if err != nil {
		t.Fatal(err)
	}
	want := `POST /api/v1/orders {"action":"start","line":"n/p/a","order":"PO-9","product":"P500","quantity":5000,"due":"2026-03-02T12:00:00Z","user":"Anna"}`
	if got != want || auth != "Bearer secret" {
		t.Errorf("asked: got %s as %q, want %s as the bearer", got, auth, want)
	}
	if !strings.Contains(out, "PO-9 on n/p/a") {
		t.Errorf("told: got %q, want the order and the line", out)
	}
}

func TestOrdersAreListedAndRefusalsTold(t *testing.T) {
	out, err := shell(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"orders":[{"id":"","line":"n/p/a","order":"PO-1","product":"P","quantity":5,"from":"2026-03-02T08:00:00Z","to":null,"due":null,"done_before":0,"running":true,"user":"","comment":"",
			"attainment":{"good":3,"remaining":2,"completed":null,"eta":"2026-03-02T10:51:22.388095238Z","demonstrated_rate":0.797619,"required_rate":null}}]}`)
	}, "order", "list", "n/p")
	if err != nil || !strings.Contains(out, "n/p/a  PO-1   P        5         3     2     2871   -       2026-03-02T08:00:00Z  -   -    ~2026-03-02T10:51:22Z  true     configuration") {
		t.Errorf("list: got %q, %v", out, err)
	}
	out, err = shell(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusConflict)
		io.WriteString(w, `{"error":{"code":"unknown_order","message":"end: it does not run"}}`)
	}, "order", "end", "n/p/a")
	if err == nil || !strings.Contains(out, "it does not run") {
		t.Errorf("refusal: got %q, %v, want its words", out, err)
	}
}

func TestAnOrderIsCorrectedFromAShell(t *testing.T) {
	var got string
	api := func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = r.Method + " " + r.URL.Path + " " + string(body)
		io.WriteString(w, `{"line":"n/p/a","order":"PO-9","time":"2026-03-02T08:00:00Z"}`)
	}
	out, err := shell(t, api, "order", "change", "n/p/a", "PO-9", "--quantity", "4800", "--done-before", "0", "--to", "2026-03-02T07:30:00Z",
		"--comment", "customer took less", "--user", "Anna", "--token", "secret")
	if err != nil {
		t.Fatal(err)
	}
	want := `POST /api/v1/orders {"action":"change","line":"n/p/a","order":"PO-9","quantity":4800,"to":"2026-03-02T07:30:00Z","done_before":0,"user":"Anna","comment":"customer took less"}`
	if got != want {
		t.Errorf("asked: got %s, want %s", got, want)
	}
	if !strings.Contains(out, "change PO-9 on n/p/a") {
		t.Errorf("told: got %q, want the order and the line", out)
	}
	got = ""
	if _, err := shell(t, api, "order", "change", "n/p/a", "PO-9", "--user", "Anna"); err == nil || !strings.Contains(err.Error(), "--quantity") || got != "" {
		t.Errorf("nothing to change: got %v and asked %q, want it refused before the API is asked", err, got)
	}
	if out, err = shell(t, api, "order", "change", "--help"); err != nil || !strings.Contains(out, "andon order change northfield/packing/lineA PO-1003 --quantity 4800") {
		t.Errorf("help: got %q, %v, want the example", out, err)
	}
}
