// Package submit sends the ready rows of a run through a rate-limited pool of workers, and books every attempt in the
// ledger before and after it.
//
// The promise: no byte of an order leaves before its intent is durable; no order leaves twice by itself; what is not known
// is booked in doubt. Rows go one at a time until one is ordered, after the start and after each pause; only then in parallel.
package submit

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"orderimport/importer/connect"
	"orderimport/importer/ledger"
)

// Bounds of a Config.
const (
	DefaultRate    = 5
	DefaultWorkers = 4
	MaxWorkers     = 16
	DefaultDoubts  = 5

	// maxIntentAge is the oldest intent that may still be written: a laptop that slept between the two gives the row back.
	maxIntentAge = 30 * time.Second
	// maxCanaryRefusals ends a run of which the API takes no row.
	maxCanaryRefusals = 10
	// The attempts of one row that were provably not processed, reliability.md section 3: refused whole, and never written.
	maxRepeats   = 5
	maxUnwritten = 3
)

// Config of one sending of one run.
type Config struct {
	Ledger *ledger.Ledger
	Client *connect.Client
	Run    string
	Pace   *ledger.Pace // kept with other hosts; nil: this process is alone

	// Approved tells of a ready row, by its number in the file, whether it may be sent; the others stay ready. Nil: each may. It is
	// called once at a time.
	Approved func(row int) bool

	Rate            float64       // orders a second, all workers together, at most; 0 = no limit
	Workers         int           // orders under way at once, at most; 0 = DefaultWorkers, MaxWorkers is the most
	First           int           // send so many rows and leave the rest ready; 0 = all
	StopAfterDoubts int           // rows in doubt that stop this sending; three in a row, or more than Workers in a minute, do so sooner; 0 = none ever
	Patience        time.Duration // how long the API may be out of reach; 0 = 15 minutes

	shortest time.Duration    // of the pauses; 0 = 1 s, but tests have no time
	clock    func() time.Time // the wall's; nil: this machine's, which tests cannot put to sleep

	// Recheck looks whether the packages are still as they were when the rows were checked; nil: nobody does. It is called now and
	// then while orders leave, once at a time. Before it moves a row out of Ready it calls hold, which returns when no order is
	// under way; none leaves until Recheck has returned. Errors are connect's and the ledger's, and end the sending.
	Recheck func(ctx context.Context, hold func()) error

	UnderWay *UnderWay // told of each row that is claimed; nil is allowed

	// Observe is called for each event, from several goroutines. Nil is allowed.
	Observe func(Event)
}

// Event is something that a person who watches wants to know.
type Event struct {
	Kind    EventKind
	Row     int           // of the file; Booked and Lost
	State   ledger.State  // Booked: durable
	Number  string        // Booked and Lost: the order number
	OrderID int64         // Lost
	Request string        // Lost: the attempt's request ID
	Reason  string        // the outcome's stable word
	Message string        // the API's words, or the failure's, without the order's own values
	Package int64         // Shut
	Wait    time.Duration // Paused, Unreachable: how long until the next try
}

// EventKind tells events apart.
type EventKind uint8

// The kinds of Event.
const (
	Booked      EventKind = iota + 1 // a row reached a state, durably
	Paused                           // the API asked for a pause; all workers wait
	Unreachable                      // no connection; tried again after Wait
	Shut                             // the API refuses the rows of a package: its others are left as they are
	Renewed                          // the token was refused; the sending goes on with the one that has replaced it
	Lost                             // an order exists that the ledger could not book: the event is all there is
)

// StopCode says why a sending ended before its rows did.
type StopCode string

// The stop codes.
const (
	StopDrained     StopCode = "drained"     // the caller's context
	StopToken       StopCode = "token"       // refused
	StopUnreachable StopCode = "unreachable" // for longer than Patience
	StopUntrusted   StopCode = "untrusted"   // certificate
	StopConfig      StopCode = "config"      // the endpoint does not take orders this way
	StopDoubts      StopCode = "doubts"      // too many, or one that makes every further order doubtful
	StopRefusals    StopCode = "refusals"    // too many, or too many in a row with one message
	StopFault       StopCode = "fault"       // a panic, here or in what the Config calls
)

// Stop is why a sending ended early. Rows not sent are still ready.
type Stop struct {
	Code    StopCode
	Message string // the last outcome's words, without the order's own values
}

// Send sends the run's ready rows. When ctx ends it takes no further row, waits for the answers under way, and returns a
// Stop with StopDrained: no request is ever cancelled. The error is the ledger's; then everything stopped at once.
func Send(ctx context.Context, cfg Config) (*Stop, error) {
	if cfg.Workers == 0 {
		cfg.Workers = DefaultWorkers
	}
	if cfg.Workers < 1 || cfg.Workers > MaxWorkers {
		return nil, fmt.Errorf("workers must be 1 to %d, not %d", MaxWorkers, cfg.Workers)
	}
	if cfg.Patience == 0 {
		cfg.Patience = 15 * time.Minute
	}
	cfg.shortest = cmp.Or(cfg.shortest, shortestPause)
	if cfg.clock == nil {
		cfg.clock = time.Now
	}
	p := &pool{
		cfg: cfg, gate: newGate(cfg.Workers, cfg.shortest), pace: newPacer(cfg.Rate, cfg.Pace), due: make(chan struct{}, 1),
		queue: queue{ledger: cfg.Ledger, run: cfg.Run, approved: cfg.Approved, left: cfg.First, all: cfg.First == 0},
	}
	p.cfg.Observe = func(e Event) {
		defer p.guard() // it is called from the ledger's committer, too
		if cfg.Observe != nil {
			cfg.Observe(e)
		}
	}
	stopWatch := context.AfterFunc(ctx, func() { p.gate.stop(Stop{Code: StopDrained}) })
	defer stopWatch()

	// A plain group: errgroup.WithContext would cancel the siblings' requests, and a cancelled request is a doubt.
	var workers errgroup.Group
	for range cfg.Workers {
		workers.Go(func() error {
			w := worker{pool: p, lead: lead}
			defer w.hangUp()
			defer p.guard()
			w.work(ctx)
			return nil
		})
	}
	var watcher sync.WaitGroup
	watching, enough := context.WithCancel(ctx)
	defer enough()
	if cfg.Recheck != nil {
		watcher.Go(func() {
			defer p.guard()
			p.watch(watching)
		})
	}
	_ = workers.Wait() // they tell their errors to the pool
	p.queue.settle()
	enough()
	watcher.Wait()
	p.booking.Wait()
	stop := p.gate.stopped()
	if why := p.queue.leftOut(); stop == nil && why != "" {
		stop = &Stop{Code: StopRefusals, Message: why}
	}
	return stop, p.failure()
}
