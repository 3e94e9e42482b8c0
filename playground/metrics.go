package playground

import (
	"context"
	"fmt"
	"time"

	vm "github.com/VictoriaMetrics/metrics"
	"github.com/gin-gonic/gin"

	"oauthplayground/mockidp"
	"oauthplayground/playground/engine"
	"oauthplayground/playground/trace"
)

// metrics are what an operator watches. Labels are templates of routes and classes of statuses: nothing that a stranger could
// make many of. VictoriaMetrics' library speaks Prometheus' format in a tenth of a megabyte.
type metrics struct {
	set            *vm.Set
	routes         map[string]routeMetrics
	recorded, sent *vm.Counter
}

// routeMetrics are made before the first request, so that a request looks one map up and formats nothing.
type routeMetrics struct {
	byClass [5]*vm.Counter // 1xx to 5xx
	seconds *vm.PrometheusHistogram
}

// noRoute stands for every address that is none.
const noRoute = "none"

// secondsBounds are where latencies are told apart: most requests take less than a millisecond.
var secondsBounds = []float64{.00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10}

func newMetrics(s *Server) *metrics {
	vm.ExposeMetadata(true) // the library's one switch: # TYPE lines
	m := &metrics{set: vm.NewSet(), routes: map[string]routeMetrics{}}
	m.recorded = m.set.NewCounter("playground_events_recorded_total")
	m.sent = m.set.NewCounter("playground_events_sent_total")
	m.set.NewGauge("playground_sandboxes", func() float64 { return float64(s.world.Count()) })
	m.set.NewGauge("playground_sockets", func() float64 { return float64(s.sockets.count()) })
	m.add(noRoute)
	for _, r := range routes() {
		m.add(r.Path)
	}
	return m
}

func (m *metrics) add(route string) {
	if _, ok := m.routes[route]; ok {
		return
	}
	r := routeMetrics{seconds: m.set.NewPrometheusHistogramExt(fmt.Sprintf("playground_request_seconds{route=%q}", route), secondsBounds)}
	for class := range r.byClass {
		r.byClass[class] = m.set.NewCounter(fmt.Sprintf("playground_requests_total{route=%q,status=\"%dxx\"}", route, class+1))
	}
	m.routes[route] = r
}

// request counts a request to a route's template.
func (m *metrics) request(route string, status int, took time.Duration) {
	r, ok := m.routes[route]
	if !ok {
		r = m.routes[noRoute]
	}
	r.byClass[min(max(status/100, 1), len(r.byClass))-1].Inc()
	r.seconds.Update(took.Seconds())
}

// refusal counts a request that was answered with a problem, by its exact status: there are few of those.
func (m *metrics) refusal(route string, status int) {
	if _, ok := m.routes[route]; !ok {
		route = noRoute
	}
	m.set.GetOrCreateCounter(fmt.Sprintf("playground_refusals_total{route=%q,status=\"%d\"}", route, status)).Inc()
}

func (s *Server) metricsPage(c *gin.Context) {
	c.Header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	s.metrics.set.WritePrometheus(c.Writer)
	vm.WriteProcessMetrics(c.Writer)
}

// countedEngine counts what is recorded in any of its logs.
type countedEngine struct {
	engine.Engine
	recorded func(n int)
}

func (e countedEngine) Open(ctx context.Context, id string, o engine.Options) (mockidp.Store, trace.Log, error) {
	store, log, err := e.Engine.Open(ctx, id, o)
	if err != nil {
		return nil, nil, err
	}
	return store, countedLog{log, e.recorded}, nil
}

type countedLog struct {
	trace.Log
	recorded func(n int)
}

func (l countedLog) Append(ctx context.Context, at uint64, events ...trace.Event) error {
	err := l.Log.Append(ctx, at, events...)
	if err == nil {
		l.recorded(len(events))
	}
	return err
}
