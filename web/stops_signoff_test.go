package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestThePageOffersToSignOffOnlyWhatIsOver(t *testing.T) {
	s := reviewing(t)
	v := url.Values{"equipment": {lineA}, "from": {ago(time.Hour).String()}, "to": {ago(-time.Hour).String()}}
	page := s.expect(s.get("/stops?"+v.Encode()), http.StatusOK)
	if !strings.Contains(page, `name="to" value="`+ago(0).String()+`"`) {
		t.Error("page of a time that goes on: got no sign-off up to now")
	}
	s.refused(s.ask(ack("/api/v1/stops/sign_off", `{"user":"Anna","equipment":"`+lineA+`","from":"`+ago(time.Hour).String()+`","to":"`+ago(-time.Second).String()+`"}`)),
		http.StatusBadRequest, "refused")
}
