package load

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Options say what a class does. Servers is needed.
type Options struct {
	Servers  []Server      // learner i acts on one and watches on the next, where there are several
	Learners int           // default 2,000
	For      time.Duration // how long it works, after everybody has come; default 30 s
	Pace     time.Duration // how often a learner signs in; default 15 s; below zero: nobody does anything
	Again    int           // after how many sign-ins a learner starts the lesson again, with an empty record; 0: when it is full
	Asks     int           // in a room: how many questions the instructor asks, each twice; default 3
	Every    time.Duration // how often a sample is taken; default For/10
	Say      func(string)  // what is being done, for who waits; may be nil
}

// Server is a playground under load.
type Server interface {
	URL() string
	Usage() (Usage, error)
}

// Usage is what a server has used so far, and what it holds.
type Usage struct {
	CPU        time.Duration `json:"cpu"`
	Memory     int64         `json:"memory"` // resident bytes
	Goroutines int           `json:"goroutines"`
}

func (u Usage) plus(o Usage) Usage {
	return Usage{u.CPU + o.CPU, u.Memory + o.Memory, u.Goroutines + o.Goroutines}
}

// Sample is a Usage at a time after the class began to work.
type Sample struct {
	At time.Duration `json:"at"`
	Usage
}

// Report is what came of it.
type Report struct {
	Learners  int           `json:"learners"`
	Took      time.Duration `json:"took"` // of the work
	Flows     int           `json:"flows"`
	Failed    int           `json:"failed"` // flows that were refused
	Failure   string        `json:"failure,omitempty"`
	FlowP50   time.Duration `json:"flow_p50"`
	FlowP99   time.Duration `json:"flow_p99"`
	Recorded  uint64        `json:"recorded"` // events, by the servers
	Received  uint64        `json:"received"` // events, by socket
	Resumed   int           `json:"resumed"`  // sockets that were cut off and came back
	FrameP50  time.Duration `json:"frame_p50"`
	FrameP99  time.Duration `json:"frame_p99"`
	Join      time.Duration `json:"join"` // until everybody had a sandbox and a socket
	CPU       time.Duration `json:"cpu"`  // the servers' while the class worked
	Before    Usage         `json:"before"`
	Joined    Usage         `json:"joined"`
	After     Usage         `json:"after"`
	Samples   []Sample      `json:"samples,omitempty"`
	Disagrees []string      `json:"disagrees,omitempty"` // learners whose socket and record differ
}

type class struct {
	http    *http.Client
	buffers sync.Pool
	latency times

	mu      sync.Mutex // guards the fields below
	flows   times
	failed  int
	failure string
}

func (c *class) flow(took time.Duration, err error) {
	c.flows.add(took)
	if err == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failed++
	c.failure = err.Error()
}

// times are durations, to be ranked.
type times struct {
	mu  sync.Mutex // guards all
	all []time.Duration
}

func (t *times) add(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = append(t.all, max(d, 0))
}

// rank is the duration that a part of all, from 0 to 1, don't exceed.
func (t *times) rank(part float64) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.all) == 0 {
		return 0
	}
	slices.Sort(t.all)
	return t.all[min(int(part*float64(len(t.all))), len(t.all)-1)]
}

// atOnce is how many learners come in, or are counted, at the same time.
const atOnce = 32

// whole is the options with what wasn't chosen.
func (o Options) whole() (Options, error) {
	if len(o.Servers) == 0 {
		return o, errors.New("load: there is no server")
	}
	if o.Learners == 0 {
		o.Learners = 2000
	}
	if o.For == 0 {
		o.For = 30 * time.Second
	}
	if o.Pace == 0 {
		o.Pace = 15 * time.Second
	}
	if o.Every == 0 {
		o.Every = max(o.For/10, time.Second)
	}
	if o.Say == nil {
		o.Say = func(string) {}
	}
	return o, nil
}

// newClass is a class that has not begun. Leave it.
func newClass() *class {
	return &class{http: &http.Client{Transport: &http.Transport{MaxIdleConns: 512, MaxIdleConnsPerHost: 256, MaxConnsPerHost: 256}, Timeout: time.Minute}}
}

func (c *class) leave() { c.http.CloseIdleConnections() }

// Run has a class come in, work, and be counted.
func Run(ctx context.Context, o Options) (Report, error) {
	o, err := o.whole()
	if err != nil {
		return Report{}, err
	}
	c := newClass()
	defer c.leave()
	r := Report{Learners: o.Learners}
	if r.Before, err = usage(o.Servers); err != nil {
		return r, err
	}

	watching, stop := context.WithCancel(ctx)
	var sockets sync.WaitGroup
	defer sockets.Wait()
	defer stop()
	learners := make([]*learner, o.Learners)
	begin := time.Now()
	o.Say(fmt.Sprintf("%d learners come in", o.Learners))
	err = each(learners, func(i int) error {
		l := c.learner(o, i)
		learners[i] = l
		if err := l.join(ctx); err != nil {
			return err
		}
		sockets.Go(func() { l.watch(watching) })
		return nil
	})
	if err != nil {
		return r, fmt.Errorf("a learner can’t come in: %w", err)
	}
	r.Join = time.Since(begin)
	if r.Joined, err = usage(o.Servers); err != nil {
		return r, err
	}

	o.Say(fmt.Sprintf("they work for %v", o.For))
	working, over := context.WithTimeout(ctx, o.For)
	defer over()
	begin = time.Now()
	var work sync.WaitGroup
	if o.Pace > 0 {
		for _, l := range learners {
			work.Go(func() { l.work(working, o.Pace, o.Again) })
		}
	}
	r.Samples = samples(working, o)
	work.Wait()
	r.Took = time.Since(begin)
	if r.After, err = usage(o.Servers); err != nil {
		return r, err
	}
	r.CPU = r.After.CPU - r.Joined.CPU

	o.Say("they are counted")
	r.count(context.WithoutCancel(ctx), c, learners)
	return r, ctx.Err()
}

// learner is the one with a number, on its servers.
func (c *class) learner(o Options, i int) *learner {
	return &learner{class: c, acts: o.Servers[i%len(o.Servers)].URL(), watches: o.Servers[(i+1)%len(o.Servers)].URL()}
}

// count adds what the learners have done and seen.
func (r *Report) count(ctx context.Context, c *class, learners []*learner) {
	var mu sync.Mutex // guards what is counted
	each(learners, func(i int) error {
		l := learners[i]
		recorded, wrong := l.settled(ctx)
		l.mu.Lock()
		defer l.mu.Unlock()
		mu.Lock()
		defer mu.Unlock()
		r.Recorded += recorded
		r.Received += l.seq
		r.Resumed += l.resumed
		if wrong != "" {
			r.Disagrees = append(r.Disagrees, fmt.Sprintf("learner %d: %s", i, wrong))
		}
		return nil
	})
	r.Flows, r.Failed, r.Failure = len(c.flows.all), c.failed, c.failure
	r.FlowP50, r.FlowP99 = c.flows.rank(.5), c.flows.rank(.99)
	r.FrameP50, r.FrameP99 = c.latency.rank(.5), c.latency.rank(.99)
}

// each does something for every learner, some at a time, and stops at the first error.
func each[T any](learners []T, do func(i int) error) error {
	var wg sync.WaitGroup
	next := make(chan int)
	failed := make(chan error, atOnce)
	for range atOnce {
		wg.Go(func() {
			for i := range next {
				if err := do(i); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	var err error
	for i := range learners {
		select {
		case next <- i:
			continue
		case err = <-failed:
		}
		break
	}
	close(next)
	wg.Wait()
	select {
	case other := <-failed:
		err = errors.Join(err, other)
	default:
	}
	return err
}

// samples are what the servers hold, now and then, until the work is over.
func samples(ctx context.Context, o Options) []Sample {
	var list []Sample
	begin := time.Now()
	tick := time.NewTicker(o.Every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return list
		case <-tick.C:
			if u, err := usage(o.Servers); err == nil {
				list = append(list, Sample{time.Since(begin).Round(time.Second), u})
				o.Say(fmt.Sprintf("%6s  %7.1f MB  %d goroutines", list[len(list)-1].At, float64(u.Memory)/1e6, u.Goroutines))
			}
		}
	}
}

func usage(servers []Server) (sum Usage, err error) {
	for _, s := range servers {
		u, err := s.Usage()
		if err != nil {
			return sum, err
		}
		sum = sum.plus(u)
	}
	return sum, nil
}

// Flat tells how memory and goroutines went on: the mean of the last fifth of the samples over that of the second fifth. 1 is
// flat; 0 means that there are too few samples to tell.
func (r Report) Flat() (memory, goroutines float64) {
	n := len(r.Samples) / 5
	if n == 0 {
		return 0, 0
	}
	mean := func(s []Sample) (m, g float64) {
		for _, one := range s {
			m += float64(one.Memory) / float64(len(s))
			g += float64(one.Goroutines) / float64(len(s))
		}
		return m, g
	}
	m1, g1 := mean(r.Samples[n : 2*n])
	m2, g2 := mean(r.Samples[len(r.Samples)-n:])
	return m2 / m1, g2 / g1
}

// Agrees tells whether every event that was recorded has come, once and in order, and nothing else has.
func (r Report) Agrees() bool { return len(r.Disagrees) == 0 && r.Recorded == r.Received }
