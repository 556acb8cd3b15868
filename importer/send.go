package importer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"orderimport/importer/connect"
	"orderimport/importer/ledger"
	"orderimport/importer/submit"
)

// MaxOrdersError is a run with more rows ready than it may order. Nothing was sent.
type MaxOrdersError struct{ Ready, Max int }

func (e *MaxOrdersError) Error() string {
	return fmt.Sprintf("%d rows are ready, but at most %d may be ordered", e.Ready, e.Max)
}

// WrongEndpointError is a run sealed for another endpoint.
type WrongEndpointError struct{ Run, Sealed, Used string }

func (e *WrongEndpointError) Error() string {
	return fmt.Sprintf("run %s is sealed for %s, not for %s", e.Run, e.Sealed, e.Used)
}

// Sending is a stored run that may be sent.
type Sending struct {
	Run     *ledger.Run // as it is after the schemas were looked at again
	Ready   int         // rows that Submit sends: what a person is asked about
	Misfits int         // ready rows that became invalid, since the schema has changed since they were checked
	// Unlisted are the packages that the API no longer lists as ones to order, though it has their schema. Their rows stay ready, and Submit leaves them.
	Unlisted []int64

	ledger   *ledger.Ledger
	client   *connect.Client
	drift    *drift
	approved map[int]int64 // the packages of the rows that are Ready, by number
	looked   time.Time     // at the schemas
}

// recent is how long a look at the schemas is good for: a person may think about the question for a day.
const recent = time.Minute

// Sendable looks whether a staged or stopped run may be sent to endpoint with at most maxOrders orders (0: any number). Ready
// rows that no longer fit the schema of their package become invalid first. Nothing is sent. Errors are fs.ErrNotExist,
// *WrongEndpointError, *MaxOrdersError, connect's and the ledger's.
func Sendable(ctx context.Context, lg *ledger.Ledger, client *connect.Client, endpoint connect.Endpoint, id string, maxOrders int) (*Sending, error) {
	run, err := lg.Run(ctx, id)
	if err != nil {
		return nil, err
	}
	if run.Host != endpoint.Host {
		return nil, &WrongEndpointError{Run: id, Sealed: run.Host, Used: endpoint.Host}
	}
	s := &Sending{Run: run, ledger: lg, client: client}
	if run.Totals[ledger.Ready] > 0 {
		if s.drift, s.approved, err = newDrift(ctx, client, lg, run); err != nil {
			return nil, err
		}
		misfit := func(row int) {
			s.Misfits++
			delete(s.approved, row)
		}
		if err := s.drift.check(ctx, func() {}, misfit); err != nil {
			return nil, err
		}
		if s.Unlisted, err = s.drift.unlisted(ctx, s.approved); err != nil {
			return nil, err
		}
		s.looked = time.Now().Round(0)
	}
	if s.Misfits > 0 {
		if s.Run, err = lg.Run(ctx, id); err != nil {
			return nil, err
		}
	}
	s.Ready = len(s.approved)
	if maxOrders > 0 && s.Ready > maxOrders {
		return nil, &MaxOrdersError{Ready: s.Ready, Max: maxOrders}
	}
	return s, nil
}

// Submit sends the rows that Sendable found ready, through the pool, and keeps an eye on their schemas meanwhile. A row that a person
// has released since then, on another host say, waits for the next sending: nobody has approved it, and nobody has looked at its schema.
// cfg says how; ledger, client, run and rows are the sending's. When ctx ends it drains. The stop says why rows were left, nil where none
// were for a reason of their own. Where Sendable looked at the schemas a while ago, they are looked at once more before the first order.
// Errors are the ledger's; connect's of that look: then nothing was sent; and, some of the rows having been sent or not, what kept the
// ledger's rows from being read.
func (s *Sending) Submit(ctx context.Context, cfg submit.Config) (*submit.Stop, error) {
	cfg.Ledger, cfg.Client, cfg.Run, cfg.Pace = s.ledger, s.client, s.Run.ID, s.ledger.Pace(s.Run.Host)
	cfg.Approved = func(row int) bool {
		_, ok := s.approved[row]
		return ok
	}
	if s.drift != nil {
		cfg.Recheck = func(ctx context.Context, hold func()) error {
			return s.drift.check(ctx, hold, func(row int) {
				if cfg.Observe != nil {
					cfg.Observe(submit.Event{Kind: submit.Booked, Row: row, State: ledger.Invalid, Reason: ledger.ReasonSchemaChanged})
				}
			})
		}
		if age := time.Now().Round(0).Sub(s.looked); age < 0 || age > recent { // by the wall clock, which counts a machine's sleep
			if err := cfg.Recheck(ctx, func() {}); err != nil {
				return nil, err
			}
			gone, err := s.drift.unlisted(ctx, s.approved)
			if err != nil {
				return nil, err
			}
			s.Unlisted, s.Ready = append(s.Unlisted, gone...), len(s.approved)
		}
	}
	book := context.WithoutCancel(ctx)
	var stop *submit.Stop
	var fault error
	if s.Ready > 0 {
		if err := s.ledger.SetRunState(book, cfg.Run, ledger.RunRunning); err != nil {
			return nil, err
		}
		if stop, fault = submit.Send(ctx, cfg); errors.As(fault, new(*ledger.Error)) {
			return stop, fault
		}
	}
	return stop, errors.Join(fault, s.ledger.SetRunState(book, cfg.Run, ledger.RunDone))
}
