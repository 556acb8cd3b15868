package importer

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"

	"orderimport/importer/ledger"
)

// Validate is the dry run: every row, with its state and findings, to visit (valid until the next one). It sends and stores
// nothing; lg may be nil. *ImplausibleError comes after the last row, with the summary.
func (p *Plan) Validate(ctx context.Context, lg *ledger.Ledger, visit func(*Row) error) (Summary, error) {
	return p.check(ctx, lg, p.file.Rows(), func(r *checked) error { return visit(&r.Row) })
}

// Seal is what a staged run keeps of the flags that it was made with.
type Seal struct {
	SkipInvalid     bool   `json:"skipInvalid"` // send the good rows of a file with bad ones
	StopAfterDoubts int    `json:"stopAfterDoubts"`
	Hidden          Hidden `json:"hidden"`              // as used, set by Stage
	TakenOver       bool   `json:"takenOver,omitempty"` // a result's orders, and no list
}

// ErrInvalidRows is a file with bad rows and no SkipInvalid: nothing of it was stored.
var ErrInvalidRows = errors.New("rows are invalid, so nothing of the file was stored")

// Stage checks the file as Validate does and stores the run sealed: payloads, profile, endpoint, schemas. It gives the run's
// ID. Nothing is stored where it fails, or where rows are invalid and seal does not allow it (ErrInvalidRows, with the
// summary).
func (p *Plan) Stage(ctx context.Context, lg *ledger.Ledger, seal Seal, visit func(*Row) error) (string, Summary, error) {
	return p.stage(ctx, lg, seal, func(r *checked) error { return visit(&r.Row) })
}

func (p *Plan) stage(ctx context.Context, lg *ledger.Ledger, seal Seal, visit func(*checked) error) (string, Summary, error) {
	seal.Hidden = p.job.Hidden
	options, err := json.Marshal(seal)
	if err != nil {
		return "", Summary{}, err
	}
	path, err := filepath.Abs(p.job.File) // the run is gone on with from any folder
	if err != nil {
		return "", Summary{}, err
	}
	run := ledger.Run{
		File: path, SHA256: p.file.SHA256, Format: p.file.Format, Sheet: p.file.Sheet, HeaderRow: p.file.HeaderRow, Columns: p.file.Columns,
		Endpoint: p.endpoint.URL, Host: p.endpoint.Host, Profile: p.profile.YAML(), Options: options, StartedAt: p.job.Now,
	}
	stage, err := lg.Stage(ctx, run)
	if err != nil {
		return "", Summary{}, err
	}
	defer stage.Rollback()
	summary, err := p.check(ctx, lg, p.file.Rows(), func(r *checked) error {
		if err := visit(r); err != nil {
			return err
		}
		row, err := r.store()
		if err != nil {
			return err
		}
		return stage.Add(ctx, row)
	})
	if err != nil {
		return "", summary, err
	}
	if summary.Totals[ledger.Invalid] > 0 && !seal.SkipInvalid {
		return "", summary, ErrInvalidRows
	}
	run.Package = summary.Package
	if run.Schemas, err = p.catalogue.seal(); err != nil {
		return "", summary, err
	}
	if run.Notes, err = json.Marshal(summary.Notes); err != nil {
		return "", summary, err
	}
	if err := stage.Commit(ctx, run); err != nil {
		return "", summary, err
	}
	return stage.ID(), summary, nil
}

// store is the row as the ledger keeps it.
func (r *checked) store() (*ledger.Row, error) {
	row := &ledger.Row{
		Number: r.Number, State: r.State, Package: r.Package, Customer: r.Customer, Cells: r.Cells, Reason: r.Reason,
		TwinRun: r.TwinRun, TwinRow: r.TwinRow, MayExist: r.MayExist,
	}
	if len(r.Findings) > 0 {
		findings, err := json.Marshal(r.Findings)
		if err != nil {
			return nil, err
		}
		row.Findings = findings
	}
	if r.State == ledger.Ready || r.State == ledger.Held || r.State == ledger.Duplicate {
		row.Fingerprint, row.Occurrence, row.Keys = r.Fingerprint, r.Occurrence, r.Keys
		if !r.Unfit {
			payload, err := r.order()
			if err != nil {
				return nil, err
			}
			row.Payload = payload
		}
	}
	return row, nil
}
