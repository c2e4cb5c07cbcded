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

// Many tags of a configuration may name nodes that the server never had. They
// must not keep those from being asked for that it had.
func TestNodesThatWereThereAreMonitoredSoonAgainHoweverManyNeverWere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const never, were = 300, 200
		s := &Source{config: DefaultConfig(), log: slog.New(slog.DiscardHandler)}
		points := make([]*point, never+were)
		for i := range points {
			points[i] = pointOf(plant.KindInt)
		}
		list := newItems(s, points)
		list.sub = &subscription{out: &output{status: &collector.Status{}}}
		for i, x := range list.list {
			if list.fail(x, ua.StatusBadNodeIDUnknown); i >= never {
				list.succeed(x, 1)
			}
		}
		for range 2 { // the controller loads its program
			time.Sleep(time.Hour)
			for _, x := range list.list[never:] {
				list.fail(x, ua.StatusBadNodeIDUnknown)
			}
			back, asked := time.Now().Add(time.Hour+30*time.Second), 0
			for missing := were; missing > 0; {
				time.Sleep(time.Until(list.nextRetry()))
				for _, x := range list.due(time.Now()) {
					if asked++; time.Now().Before(back) || x.handle < never {
						list.fail(x, ua.StatusBadNodeIDUnknown)
						continue
					}
					list.succeed(x, 1)
					missing--
				}
			}
			if late := time.Since(back); late > 5*time.Second {
				t.Errorf("got the last node %v after it was back, want it within 5s", late)
			}
			if most := 100*((60*60+30)/5+2) + (never+were)*(10+12); asked > most {
				t.Errorf("asked for nodes %d times, want %d at most", asked, most)
			}
			if list.scouts > mostScouts {
				t.Errorf("got %d scouts, want %d at most", list.scouts, mostScouts)
			}
		}
	})
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
