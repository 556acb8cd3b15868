package importer

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"

	"orderimport/importer/ledger"
	"orderimport/validate"
)

// Result gives a stored run again, as a dry run or a sending gave it: any report can be written from the ledger at any time.
func Result(ctx context.Context, lg *ledger.Ledger, id string) (Head, Summary, iter.Seq2[*Row, error], error) {
	run, err := lg.Run(ctx, id)
	if err != nil {
		return Head{}, Summary{}, nil, err
	}
	head := Head{Run: run.ID, File: run.File, SHA256: run.SHA256, Endpoint: run.Endpoint, Sheet: run.Sheet, HeaderRow: run.HeaderRow, Columns: run.Columns, StartedAt: run.StartedAt}
	summary := Summary{Package: run.Package, Totals: run.Totals}
	if len(run.Notes) > 0 {
		if err := json.Unmarshal(run.Notes, &summary.Notes); err != nil {
			return Head{}, Summary{}, nil, fmt.Errorf("run %s: its notes cannot be read: %w", id, err)
		}
	}
	rows := func(yield func(*Row, error) bool) {
		for stored, err := range lg.Rows(ctx, id) {
			var row *Row
			if err == nil {
				row, err = restore(stored)
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
	return head, summary, rows, nil
}

// questions are the codes for which a row is held, but for HiddenRow: a result in which no row is hidden still tells of that.
var questions = []string{
	validate.DuplicateInFile, validate.SamePersonInFile, validate.TwinInDoubt, validate.TwinClosed, validate.TwinHeld, validate.SamePerson, validate.SameOrder,
	validate.EarlierResult, validate.Unsettled,
}

func restore(s *ledger.Row) (*Row, error) {
	row := &Row{
		Number: s.Number, State: s.State, Package: s.Package, Customer: s.Customer, Cells: s.Cells, Reason: s.Reason, Message: s.Message,
		OrderID: s.OrderID, OrderNumber: s.OrderNumber, HTTPStatus: s.HTTPStatus, RequestID: s.RequestID, SentAt: s.SentAt, By: s.By,
		TwinRun: s.TwinRun, TwinRow: s.TwinRow,
	}
	if len(s.Findings) > 0 {
		if err := json.Unmarshal(s.Findings, &row.Findings); err != nil {
			return nil, fmt.Errorf("row %d: its findings cannot be read: %w", s.Number, err)
		}
	}
	if s.State != ledger.Held { // what a person was asked has been answered
		row.Findings = slices.DeleteFunc(row.Findings, func(f validate.Finding) bool { return slices.Contains(questions, f.Code) })
	}
	return row, nil
}
