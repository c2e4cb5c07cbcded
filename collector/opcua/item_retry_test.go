package opcua

import (
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopcua/opcua/ua"
	"github.com/prometheus/client_golang/prometheus"

	"andon/collector"
	"andon/plant"
)

// A controller that loads its program has none of its nodes for as long as that
// takes, while its server answers.
func TestNodesAreMonitoredSoonAfterTheyAreThereHoweverLongThatTook(t *testing.T) {
	for _, nodes := range []int{1, 100, 5000} {
		for _, away := range []time.Duration{time.Second, 2 * time.Minute, 8 * time.Hour} {
			synctest.Test(t, func(t *testing.T) {
				s := &Source{config: DefaultConfig(), log: slog.New(slog.DiscardHandler)}
				points := make([]*point, nodes)
				for i := range points {
					points[i] = pointOf(plant.KindInt)
				}
				list := newItems(s, points)
				list.sub = &subscription{out: &output{status: &collector.Status{}}}
				back, asked := time.Now().Add(away), 0
				for _, x := range list.list {
					list.fail(x, ua.StatusBadNodeIDUnknown)
				}
				for missing := nodes; missing > 0; {
					time.Sleep(time.Until(list.nextRetry()))
					for _, x := range list.due(time.Now()) {
						if asked++; time.Now().Before(back) {
							list.fail(x, ua.StatusBadNodeIDUnknown)
							continue
						}
						list.succeed(x, 1)
						missing--
					}
				}
				if late := time.Since(back); late > 5*time.Second {
					t.Errorf("%d nodes that were away for %v: monitored %v after they were back, want within 5s", nodes, away, late)
				}
				if most := 100*int(away/(5*time.Second)+2) + nodes*(10+int(away/(5*time.Minute))); asked > most {
					t.Errorf("%d nodes that were away for %v: asked for %d times, want %d at most", nodes, away, asked, most)
				}
			})
		}
	}
}

// One that was refused for another reason will hardly be let in a moment later.
func TestItemsThatAreDeniedAreTriedLessAndLessOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Source{config: DefaultConfig(), log: slog.New(slog.DiscardHandler)}
		list := newItems(s, []*point{pointOf(plant.KindInt)})
		list.sub = &subscription{out: &output{status: &collector.Status{}}}
		want := DefaultConfig().ItemRetry
		for range 10 {
			began := time.Now()
			list.fail(list.list[0], ua.StatusBadUserAccessDenied)
			time.Sleep(time.Until(list.nextRetry()))
			if got := time.Since(began); got != want {
				t.Errorf("wait: got %v, want %v", got, want)
			}
			want = min(2*want, maxItemRetry)
		}
	})
}

// Some servers monitor any node, and say by its value that there is none.
func TestNodesThatAreGoneByTheirValuesAreTriedLessAndLessOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Source{config: DefaultConfig(), log: slog.New(slog.DiscardHandler), metrics: NewMetrics(prometheus.NewRegistry()).forSource("packing")}
		list := newItems(s, []*point{pointOf(plant.KindInt), pointOf(plant.KindInt)})
		list.sub = &subscription{out: &output{status: &collector.Status{}}}
		other := list.list[1] // is refused
		list.fail(other, ua.StatusBadNodeIDUnknown)
		list.succeed(list.list[0], 1)
		want := DefaultConfig().ItemRetry
		for range 10 {
			began := time.Now()
			list.lose(0, ua.StatusBadNodeIDUnknown)
			for len(list.due(time.Now())) == 0 || list.list[0].retryAt.After(time.Now()) {
				list.fail(other, ua.StatusBadNodeIDUnknown)
				time.Sleep(time.Until(list.nextRetry()))
			}
			if got := time.Since(began); got < want {
				t.Errorf("wait: got %v, want %v", got, want)
			}
			list.succeed(list.list[0], 1)
			want = min(2*want, maxItemRetry)
		}
	})
}
