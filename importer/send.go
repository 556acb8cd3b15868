package importer

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

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

// SchemaChangedError is a package whose fields are no longer those that the run was checked against. Nothing was sent.
type SchemaChangedError struct {
	Run     string
	Package int64
}

func (e *SchemaChangedError) Error() string {
	return fmt.Sprintf("the schema of package %d has changed since run %s was checked", e.Package, e.Run)
}

// Sendable looks whether a staged or stopped run may be sent to endpoint with at most maxOrders orders (0: any number), and
// gives it. Errors are fs.ErrNotExist, *WrongEndpointError, *MaxOrdersError, *SchemaChangedError, connect's and the ledger's.
func Sendable(ctx context.Context, lg *ledger.Ledger, client *connect.Client, endpoint connect.Endpoint, id string, maxOrders int) (*ledger.Run, error) {
	run, err := lg.Run(ctx, id)
	if err != nil {
		return nil, err
	}
	if run.Host != endpoint.Host {
		return run, &WrongEndpointError{Run: id, Sealed: run.Host, Used: endpoint.Host}
	}
	ready := run.Totals[ledger.Ready]
	if maxOrders > 0 && ready > maxOrders {
		return run, &MaxOrdersError{Ready: ready, Max: maxOrders}
	}
	if ready == 0 {
		return run, nil
	}
	var sealed []connect.OrderSchema
	if err := json.Unmarshal(run.Schemas, &sealed); err != nil {
		return run, fmt.Errorf("run %s: its schemas cannot be read: %w", id, err)
	}
	for _, s := range sealed {
		now, err := client.GetPackageSchema(ctx, s.PredefinedPackageID)
		if err != nil {
			return run, err
		}
		if !sameSchema(&s, now) {
			return run, &SchemaChangedError{Run: id, Package: s.PredefinedPackageID}
		}
	}
	return run, nil
}

// sameSchema compares what an order depends on; nil and empty lists are the same.
func sameSchema(a, b *connect.OrderSchema) bool {
	if len(a.Data) != len(b.Data) {
		return false
	}
	for i := range a.Data {
		x, y := a.Data[i], b.Data[i]
		if len(x.AllowedValues) == 0 && len(y.AllowedValues) == 0 {
			x.AllowedValues, y.AllowedValues = nil, nil
		}
		if !reflect.DeepEqual(x, y) {
			return false
		}
	}
	return true
}

// Submit sends a run that is Sendable: its rows in state ready, through the pool. When ctx ends it drains. The stop says why
// rows were left, nil where none were for a reason of their own. The error is the ledger's.
func Submit(ctx context.Context, cfg submit.Config) (*submit.Stop, error) {
	book := context.WithoutCancel(ctx)
	if err := cfg.Ledger.SetRunState(book, cfg.Run, ledger.RunRunning); err != nil {
		return nil, err
	}
	stop, err := submit.Send(ctx, cfg)
	if err != nil {
		return stop, err
	}
	run, err := cfg.Ledger.Run(book, cfg.Run)
	if err != nil {
		return stop, err
	}
	state := ledger.RunDone
	if run.Totals[ledger.Ready]+run.Totals[ledger.Sending] > 0 {
		state = ledger.RunStopped
	}
	return stop, cfg.Ledger.SetRunState(book, cfg.Run, state)
}
