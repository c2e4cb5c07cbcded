package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"andon/production/productiontest"
)

func TestOnlyStopsAreOfferedToMergeThatTheConfigurationLetsMerge(t *testing.T) {
	for gap, offered := range map[time.Duration]bool{4 * time.Minute: true, 4*time.Minute - time.Second: false} {
		cfg := reviewedHour()
		cfg.Review.MergeGap = gap
		m := newMeetingWith(t, "packing", cfg)
		changeover, blocked := m.stop(productiontest.A1, 40, 0), m.stop(productiontest.A1, 50, 0) // run for four minutes between them
		page := m.expect(m.asked(view(productiontest.A1)+"&stop="+changeover), http.StatusOK)
		if got := strings.Contains(page, "Merge with the next <small>4:00 after it"); got != offered {
			t.Errorf("merge_gap %s: got it offered %v, want %v", gap, got, offered)
		}
		want := http.StatusConflict
		if offered {
			want = http.StatusSeeOther
		}
		m.expect(m.asks("merge", url.Values{"stop": {changeover, blocked}}), want)
	}
}
