package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"andon/alerts"
	"andon/plant"
	"andon/web"
)

const ackPath = "/api/v1/alarms/alarm-hot/ack"

// ack is a program's request to acknowledge.
func ack(path, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	return r
}

func TestAProgramAcknowledgesInTheNameOfAPerson(t *testing.T) {
	s := full(t, nil)
	got := decode[struct{ Alarm, Command, User, Time string }](t,
		s.expect(s.ask(ack(ackPath, `{"user":" Anna Ott ","comment":"on my way"}`)), http.StatusOK))
	given := s.engine.given()
	if len(given) != 1 {
		t.Fatalf("commands: got %d, want 1", len(given))
	}
	want := plant.Command{ID: got.Command, Verb: plant.VerbAlarmAck, Target: "alarm-hot", User: "Anna Ott", Comment: "on my way", Time: plant.At(wall)}
	if !reflect.DeepEqual(given[0], want) || got.Alarm != "alarm-hot" || got.User != "Anna Ott" || got.Command == "" {
		t.Errorf("command: got %+v and answer %+v, want %+v", given[0], got, want)
	}
	if log := s.log.String(); !strings.Contains(log, "command done") || !strings.Contains(log, `user="Anna Ott"`) || !strings.Contains(log, "target=alarm-hot") {
		t.Errorf("audit line: got %s, want the command with its user", log)
	}
}

func TestNobodyWritesWithoutTheToken(t *testing.T) {
	s := full(t, nil)
	for _, header := range []string{"", "Bearer", "Bearer wrong", "Basic " + token} {
		r := ack(ackPath, `{"user":"Anna"}`)
		r.Header.Set("Authorization", header)
		if header == "" {
			r.Header.Del("Authorization")
		}
		res := s.ask(r)
		if !strings.HasPrefix(res.Header.Get("WWW-Authenticate"), "Bearer") {
			t.Errorf("WWW-Authenticate with %q: got none, want Bearer", header)
		}
		s.expect(res, http.StatusUnauthorized)
	}
	r := ack(ackPath, `{"user":"Anna"}`)
	r.Header.Del("Authorization")
	r.AddCookie(&http.Cookie{Name: "andon", Value: "9999999999.QW5uYQ.forged"})
	s.refused(s.ask(r), http.StatusUnauthorized, "token_missing")
	if n := len(s.engine.given()); n != 0 {
		t.Errorf("commands: got %d, want none", n)
	}
	if strings.Contains(s.log.String(), token) || strings.Contains(s.log.String(), "Bearer wrong") {
		t.Error("log: got a token in it, want none")
	}
}

func TestWithoutATokenConfiguredNobodyWrites(t *testing.T) {
	s := full(t, func(c *web.Config) { c.Token = "" })
	s.refused(s.ask(ack(ackPath, `{"user":"Anna"}`)), http.StatusForbidden, "writes_off")
	r := ack(ackPath, `{"user":"Anna"}`)
	r.Header.Set("Authorization", "Bearer ")
	s.refused(s.ask(r), http.StatusForbidden, "writes_off")
	s.expect(s.ask(form("/login", "name=Anna", "token=")), http.StatusForbidden)
	s.expect(s.ask(form("/alarms/alarm-hot/ack")), http.StatusForbidden)
	if body := s.expect(s.get("/alarms"), http.StatusOK); strings.Contains(body, "<form") {
		t.Error("alarms of a site for reading: got a form, want none")
	}
}

func TestAcknowledgingRefusesWhatItDoesNotUnderstand(t *testing.T) {
	s := full(t, nil)
	for body, code := range map[string]string{
		``: "bad_body", `[]`: "bad_body", `{"user":"Anna","force":true}`: "bad_body", `{"user":"Anna"} x`: "bad_body", `{"user":1}`: "bad_body",
		`{}`: "bad_user", `{"user":"   "}`: "bad_user", `{"user":"a\u0000b"}`: "bad_user", `{"user":"` + strings.Repeat("a", 65) + `"}`: "bad_user",
		`{"user":"Anna","comment":"` + strings.Repeat("a", 501) + `"}`: "bad_comment", `{"user":"Anna","comment":"a\nb"}`: "bad_comment",
	} {
		s.refused(s.ask(ack(ackPath, body)), http.StatusBadRequest, code)
	}
	s.refused(s.ask(ack(ackPath, `{"user":"`+strings.Repeat("a", 9000)+`"}`)), http.StatusRequestEntityTooLarge, "body_too_large")
	r := ack(ackPath, `{"user":"Anna"}`)
	r.Header.Set("Content-Type", "text/plain")
	s.refused(s.ask(r), http.StatusUnsupportedMediaType, "want_json")
	s.refused(s.ask(ack(ackPath+"?force=1", `{"user":"Anna"}`)), http.StatusBadRequest, "bad_query")
	s.refused(s.ask(ack("/api/v1/alarms/nobody/ack", `{"user":"Anna"}`)), http.StatusNotFound, "not_found")
	s.refused(s.ask(ack("/api/v1/alarms/alarm-over/ack", `{"user":"Anna"}`)), http.StatusConflict, "alarm_over")
	if n := len(s.engine.given()); n != 0 {
		t.Errorf("commands: got %d, want none", n)
	}
}

func TestARefusalOfTheEngineIsToldAndLogged(t *testing.T) {
	s := full(t, nil)
	for _, c := range []struct {
		err    error
		status int
		code   string
	}{
		{&alerts.AcknowledgedError{User: "Ben", Time: ago(0)}, http.StatusConflict, "already_acknowledged"},
		{alerts.ErrUnknownAlarm, http.StatusConflict, "alarm_over"},
		{context.DeadlineExceeded, http.StatusGatewayTimeout, "not_confirmed"},
		{http.ErrHandlerTimeout, http.StatusInternalServerError, "internal"},
	} {
		s.engine.refuse = c.err
		s.refused(s.ask(ack(ackPath, `{"user":"Anna"}`)), c.status, c.code)
	}
	if n := strings.Count(s.log.String(), "command not done"); n != 4 {
		t.Errorf("audit lines: got %d, want 4", n)
	}
}

func TestAnotherSitesPageCannotAcknowledge(t *testing.T) {
	s := full(t, nil)
	r := ack(ackPath, `{"user":"Anna"}`)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	s.refused(s.ask(r), http.StatusForbidden, "cross_origin")
	r = form("/alarms/alarm-hot/ack")
	r.AddCookie(login(s))
	r.Header.Set("Origin", "https://evil.example")
	s.expect(s.ask(r), http.StatusForbidden)
	r = form("/login", "name=Anna", "token="+url.QueryEscape(token))
	r.Header.Set("Sec-Fetch-Site", "same-site")
	s.expect(s.ask(r), http.StatusForbidden)
	if n := len(s.engine.given()); n != 0 {
		t.Errorf("commands: got %d, want none", n)
	}
}

// login returns the cookie of Anna's session.
func login(s *site) *http.Cookie {
	s.t.Helper()
	res := s.ask(form("/login", "name=Anna", "next=/alarms/alarm-hot", "token="+url.QueryEscape(token)))
	s.expect(res, http.StatusSeeOther)
	if got := res.Header.Get("Location"); got != "/alarms/alarm-hot" {
		s.t.Errorf("after the login: got %q, want the alarm", got)
	}
	return res.Cookies()[0]
}

func TestAPersonLogsInAndAcknowledgesOnThePage(t *testing.T) {
	s := full(t, nil)
	cookie := login(s)
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || strings.Contains(cookie.Value, token) {
		t.Errorf("cookie: got %+v, want HttpOnly, SameSite=Strict and no token", cookie)
	}
	r := form("/alarms/alarm-hot/ack", "comment=on+my+way", "next=/alarms")
	r.AddCookie(cookie)
	res := s.ask(r)
	s.expect(res, http.StatusSeeOther)
	if got := res.Header.Get("Location"); got != "/alarms" {
		t.Errorf("after the acknowledgement: got %q, want the list", got)
	}
	if given := s.engine.given(); len(given) != 1 || given[0].User != "Anna" || given[0].Comment != "on my way" {
		t.Errorf("commands: got %+v, want one of Anna", given)
	}
	r = ack(ackPath, `{"comment":"again"}`)
	r.Header.Del("Authorization")
	r.AddCookie(cookie)
	s.expect(s.ask(r), http.StatusOK)
	r = ack(ackPath, `{"user":"Ben"}`)
	r.Header.Del("Authorization")
	r.AddCookie(cookie)
	s.refused(s.ask(r), http.StatusBadRequest, "bad_user")
	r = form("/logout")
	r.AddCookie(cookie)
	if got := s.ask(r).Cookies()[0].MaxAge; got != -1 {
		t.Errorf("cookie after the logout: got MaxAge %d, want it gone", got)
	}
}

func TestWhoIsNotLoggedInIsAskedToFirst(t *testing.T) {
	s := full(t, nil)
	res := s.ask(form("/alarms/alarm-hot/ack", "next=/alarms"))
	s.expect(res, http.StatusSeeOther)
	if got := res.Header.Get("Location"); got != "/login?next=%2Falarms%2Falarm-hot" {
		t.Errorf("asked: got %q, want the log-in page that leads back", got)
	}
}

func TestALoginLeadsToThisSiteOnly(t *testing.T) {
	s := full(t, nil)
	for _, next := range []string{"https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example"} {
		res := s.ask(form("/login", "name=Anna", "next="+url.QueryEscape(next), "token="+url.QueryEscape(token)))
		s.expect(res, http.StatusSeeOther)
		if got := res.Header.Get("Location"); got != "/alarms" {
			t.Errorf("after a login with next %q: got %q, want /alarms", next, got)
		}
	}
}

func TestWrongTokensComeEverSlower(t *testing.T) {
	s := full(t, nil)
	wrong := func() int { return s.ask(form("/login", "name=Anna", "token=wrong")).StatusCode }
	for i := range 5 {
		if got := wrong(); got != http.StatusUnauthorized {
			t.Fatalf("try %d: got %d, want 401", i+1, got)
		}
	}
	if got := wrong(); got != http.StatusTooManyRequests {
		t.Errorf("try 6: got %d, want 429", got)
	}
	r := form("/login", "name=Ben", "token=wrong")
	r.RemoteAddr = "192.0.2.77:1234"
	s.expect(s.ask(r), http.StatusUnauthorized)
	s.now = s.now.Add(time.Second)
	if first, second := wrong(), wrong(); first != http.StatusUnauthorized || second != http.StatusTooManyRequests {
		t.Errorf("after the pause: got %d and %d, want 401 and 429", first, second)
	}
	if strings.Contains(s.log.String(), token) {
		t.Error("log: got the token in it, want none")
	}
}

func TestTheRightTokenPassesHoweverManyWrongOnesCameThroughTheSameProxy(t *testing.T) {
	s := full(t, nil)
	wrong := func() int {
		r := ack(ackPath, `{"user":"Anna"}`)
		r.Header.Set("Authorization", "Bearer wrong")
		return s.ask(r).StatusCode
	}
	for range 20 {
		wrong()
		s.ask(form("/login", "name=Anna", "token=wrong"))
	}
	s.expect(s.ask(form("/login", "name=Ben", "token="+url.QueryEscape(token))), http.StatusSeeOther)
	s.expect(s.ask(ack(ackPath, `{"user":"Ben"}`)), http.StatusOK)
	if got := wrong(); got != http.StatusTooManyRequests {
		t.Errorf("a wrong token after the right one: got %d, want 429: the right one is somebody else's", got)
	}
}

func TestASessionEndsAfterALongShiftAndWithItsToken(t *testing.T) {
	s := full(t, nil)
	cookie := login(s)
	other := full(t, func(c *web.Config) { c.Token = "another token for tests" })
	r := form("/alarms/alarm-hot/ack")
	r.AddCookie(cookie)
	if got := other.ask(r).Header.Get("Location"); !strings.HasPrefix(got, "/login") {
		t.Errorf("with another token: got %q, want the log-in page", got)
	}
	s.now = wall.Add(12*time.Hour - time.Second)
	if got := s.ask(r).Header.Get("Location"); got != "/alarms/alarm-hot" {
		t.Errorf("before the end: got %q, want it acknowledged", got)
	}
	s.now = wall.Add(12 * time.Hour)
	if got := s.ask(r).Header.Get("Location"); !strings.HasPrefix(got, "/login") {
		t.Errorf("after twelve hours: got %q, want the log-in page", got)
	}
}

func FuzzAForgedCookieIsNobody(f *testing.F) {
	for _, seed := range []string{"", ".", "..", "9999999999.QW5uYQ.", "9999999999.QW5uYQ.AAAA", "a.b.c.d", "9999999999..", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		s := fuzzSite(t)
		r := form("/alarms/alarm-hot/ack")
		r.Header.Set("Cookie", "andon="+value)
		if got := s.ask(r).Header.Get("Location"); !strings.HasPrefix(got, "/login") {
			t.Errorf("cookie %q: got %q, want the log-in page", value, got)
		}
	})
}

func FuzzAcknowledgementsAnswerWithoutFailing(f *testing.F) {
	f.Add(`{"user":"Anna","comment":"x"}`)
	f.Add(`{"user":"\ud800"}`)
	f.Add(`{`)
	f.Fuzz(func(t *testing.T, body string) {
		s := fuzzSite(t)
		if got := s.ask(ack(ackPath, body)).StatusCode; got >= 500 {
			t.Errorf("body %q: got %d, want an answer", body, got)
		}
	})
}

// fuzzSite is a full site for one input.
func fuzzSite(t *testing.T) *site { return full(t, nil) }
