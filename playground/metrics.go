package playground

import (
	"fmt"
	"time"

	vm "github.com/VictoriaMetrics/metrics"
	"github.com/gin-gonic/gin"
)

// metrics are what an operator watches. Labels are templates of routes and classes of statuses: nothing that a stranger could
// make many of. VictoriaMetrics' library speaks Prometheus' format in a tenth of a megabyte.
type metrics struct {
	set  *vm.Set
	sent *vm.Counter
}

func newMetrics(s *Server) *metrics {
	m := &metrics{set: vm.NewSet()}
	m.sent = m.set.NewCounter("playground_events_sent_total")
	m.set.NewGauge("playground_sandboxes", func() float64 { return float64(s.world.Count()) })
	m.set.NewGauge("playground_sockets", func() float64 { return float64(s.sockets.count()) })
	return m
}

func (m *metrics) request(route string, status int, took time.Duration) {
	m.set.GetOrCreateCounter(fmt.Sprintf("playground_requests_total{route=%q,status=%q}", route, class(status))).Inc()
	m.set.GetOrCreateHistogram(fmt.Sprintf("playground_request_seconds{route=%q}", route)).Update(took.Seconds())
}

func (m *metrics) refusal(route string, status int) {
	m.set.GetOrCreateCounter(fmt.Sprintf("playground_refusals_total{route=%q,status=\"%d\"}", route, status)).Inc()
}

func class(status int) string { return fmt.Sprintf("%dxx", status/100) }

func (s *Server) metricsPage(c *gin.Context) {
	c.Header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	vm.ExposeMetadata(true)
	s.metrics.set.WritePrometheus(c.Writer)
	vm.WriteProcessMetrics(c.Writer)
}
