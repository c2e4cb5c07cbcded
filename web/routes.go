package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"andon/production/review"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// A handler answers a request or returns why not.
type handler func(w http.ResponseWriter, r *http.Request) error

// A route is one address with its methods.
type route struct {
	path    string // a pattern of http.ServeMux
	page    bool   // for people: problems are pages too
	live    bool   // answers for as long as the asker stays
	methods map[string]handler
}

func get(h handler) map[string]handler  { return map[string]handler{http.MethodGet: h} }
func post(h handler) map[string]handler { return map[string]handler{http.MethodPost: h} }

// routes is the whole site.
func (s *Server) routes() []route { return append(s.pageRoutes(), s.programRoutes()...) }

// pageRoutes are for people.
func (s *Server) pageRoutes() []route {
	return []route{
		{path: "/{$}", page: true, methods: get(s.boardPage)},
		{path: "/alarms", page: true, methods: get(s.alarmsPage)},
		{path: "/alarms/{id}", page: true, methods: get(s.alarmPage)},
		{path: "/alarms/{id}/ack", page: true, methods: post(s.ackForm)},
		{path: "/stops", page: true, methods: get(s.stopsPage)},
		{path: "/stops/{what}", page: true, methods: map[string]handler{http.MethodGet: s.oneStopPage, http.MethodPost: s.stopsForm}},
		{path: "/sources", page: true, methods: get(s.sourcesPage)},
		{path: "/login", page: true, methods: map[string]handler{http.MethodGet: s.loginPage, http.MethodPost: s.loginForm}},
		{path: "/logout", page: true, methods: post(s.logoutForm)},
		{path: "/screen.css", page: true, methods: get(s.screenStyle)},
		{path: "/static/{name}", page: true, methods: get(s.serveStatic)},
	}
}

// programRoutes are for programs.
func (s *Server) programRoutes() []route {
	metrics := promhttp.HandlerFor(s.o.Gatherer, promhttp.HandlerOpts{})
	return []route{
		{path: "/healthz", methods: get(s.serveAlive)},
		{path: "/readyz", methods: get(s.serveReady)},
		{path: "/metrics", methods: get(func(w http.ResponseWriter, r *http.Request) error {
			metrics.ServeHTTP(w, r)
			return nil
		})},
		{path: "/api/v1/openapi.yaml", methods: get(s.serveDescription)},
		{path: "/api/v1/equipment", methods: get(s.serveEquipment)},
		{path: "/api/v1/board", methods: get(s.serveBoard)},
		{path: "/api/v1/sources", methods: get(s.serveSources)},
		{path: "/api/v1/stops", methods: get(s.serveStops)},
		{path: "/api/v1/stops/{id}", methods: get(s.serveStop)},
		{path: "/api/v1/stops/{id}/assign", methods: post(s.serveStopEdit(review.KindAssign))},
		{path: "/api/v1/stops/{id}/split", methods: post(s.serveStopEdit(review.KindSplit))},
		{path: "/api/v1/stops/{id}/comment", methods: post(s.serveStopEdit(review.KindComment))},
		{path: "/api/v1/stops/{id}/not_downtime", methods: post(s.serveStopEdit(review.KindNotDowntime))},
		{path: "/api/v1/stops/{id}/review", methods: post(s.serveStopEdit(review.KindReview))},
		{path: "/api/v1/stops/{id}/dispute", methods: post(s.serveStopEdit(review.KindDispute))},
		{path: "/api/v1/stops/{id}/reopen", methods: post(s.serveStopEdit(review.KindReopen))},
		{path: "/api/v1/stops/merge", methods: post(s.serveStopEdit(review.KindMerge))},
		{path: "/api/v1/stops/assign", methods: post(s.serveStopEdit(review.KindAssign))},
		{path: "/api/v1/stops/sign_off", methods: post(s.serveWindowEdit(review.KindSignOff))},
		{path: "/api/v1/counts/adjust", methods: post(s.serveWindowEdit(review.KindAdjust))},
		{path: "/api/v1/edits", methods: get(s.serveEdits)},
		{path: "/api/v1/edits/{id}/undo", methods: post(s.serveUndo)},
		{path: "/api/v1/reasons", methods: get(s.serveReasons)},
		{path: "/api/v1/alarms", methods: get(s.serveAlarms)},
		{path: "/api/v1/alarms/{id}", methods: get(s.serveAlarm)},
		{path: "/api/v1/alarms/{id}/ack", methods: post(s.serveAck)},
		{path: "/api/v1/orders", methods: map[string]handler{http.MethodGet: s.serveOrders, http.MethodPost: s.serveOrder}},
		{path: "/api/v1/forecast", methods: get(s.serveForecast)},
		{path: "/api/v1/kpis", methods: get(s.serveKPIs)},
		{path: "/api/v1/kpis/history", methods: get(s.serveKPIHistory)},
		{path: "/api/v1/kpis/recompute", methods: post(s.serveRecompute)},
		{path: "/api/v1/kpis/explain", methods: get(s.serveExplanation)},
		{path: "/api/v1/queue", methods: get(s.serveQueue)},
		{path: "/api/v1/queue/export", live: true, methods: get(s.serveQueueExport)},
		{path: "/api/v1/queue/replay", methods: map[string]handler{http.MethodGet: s.serveQueuePlan, http.MethodPost: s.serveQueueReplay}},
		{path: "/api/v1/events", live: true, methods: get(s.serveEvents)},
	}
}

func (s *Server) mux() http.Handler {
	mux := http.NewServeMux()
	for _, rt := range s.routes() {
		mux.Handle(rt.path, s.answer(rt))
	}
	nowhere := func(http.ResponseWriter, *http.Request) error {
		return problem{http.StatusNotFound, "not_found", "there is nothing at this address"}
	}
	for path, page := range map[string]bool{"/": true, "/api/": false} {
		mux.Handle(path, s.answer(route{path: path, page: page, methods: map[string]handler{"": nowhere}}))
	}
	return mux
}

// answer makes a route an http.Handler: method, size of the body, problems,
// metrics and log are the same for all.
func (s *Server) answer(rt route) http.Handler {
	label := strings.TrimSuffix(rt.path, "{$}")
	if rt.methods[""] != nil {
		label = noRoute
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		seen := &statusWriter{ResponseWriter: w}
		r.Body = http.MaxBytesReader(seen, r.Body, maxBody)
		err := rt.handle(seen, r)
		partly := seen.status != 0
		if err != nil {
			s.tell(rt, seen, r, err)
		}
		s.note(label, r, err)
		s.metrics.answered(label, seen.code(), time.Since(begun), rt.live)
		if err != nil && partly {
			// What came so far must not look like all there is: the connection
			// ends in the middle of the answer.
			panic(http.ErrAbortHandler)
		}
	})
}

func (rt route) handle(w http.ResponseWriter, r *http.Request) error {
	method := r.Method
	if method == http.MethodHead && !rt.live {
		method = http.MethodGet // net/http sends the header alone
	}
	h := rt.methods[method]
	if h == nil {
		h = rt.methods[""]
	}
	if h != nil {
		return h(w, r)
	}
	var allowed []string
	for m := range rt.methods {
		allowed = append(allowed, m)
	}
	slices.Sort(allowed)
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	return problem{http.StatusMethodNotAllowed, "method_not_allowed", "want " + strings.Join(allowed, " or ")}
}

// tell answers with the problem, as a page to people and as JSON to programs.
func (s *Server) tell(rt route, w *statusWriter, r *http.Request, err error) {
	p := asProblem(err)
	s.metrics.refused.WithLabelValues(p.code).Inc()
	if w.status != 0 {
		return // the answer is under way; all that is left is to cut it off
	}
	if p.status == http.StatusUnauthorized && !rt.page {
		w.Header().Set("WWW-Authenticate", `Bearer realm="andon"`)
	}
	if !rt.page {
		// The body is made of plain values: encoding it cannot fail.
		_ = writeJSON(w, p.status, errorBody{errorDetail{p.code, p.message, currentOf(err)}})
		return
	}
	s.problemPage(w, r, p)
}

// note logs failures that are not the asker's, once until they change.
func (s *Server) note(label string, r *http.Request, err error) {
	text := ""
	if err != nil && asProblem(err).status >= 500 && r.Context().Err() == nil {
		text = err.Error()
	}
	if !s.trouble.news(label, text) {
		return
	}
	if text == "" {
		s.o.Log.Info("web route answers again", "route", label)
		return
	}
	var p problem
	if errors.As(err, &p) {
		s.o.Log.Warn("web route refused", "route", label, "code", p.code, "err", err)
		return
	}
	s.o.Log.Error("web route failed", "route", label, "err", err)
}

// A statusWriter remembers the status that was sent.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader sends and remembers the status.
func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write sends bytes, with 200 when no status was sent.
func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *statusWriter) code() int {
	if w.status == 0 {
		return http.StatusOK
	}
	return w.status
}
