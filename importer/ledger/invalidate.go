package ledger

import (
	"context"
	"encoding/json"
)

// Misfit is a row that no longer fits its package's schema.
type Misfit struct {
	Row      int64           // Row.ID
	Findings json.RawMessage // all of the row's, the new ones among them
}

// ReasonSchemaChanged is Invalid, by Invalidate: the row was checked against a schema that no longer holds.
const ReasonSchemaChanged = "schema-changed"

// Invalidate moves rows from Ready to Invalid and stores their findings, all in one transaction. A row that is not Ready any
// more stays as it is. moved are the IDs of those that moved.
func (l *Ledger) Invalidate(ctx context.Context, misfits []Misfit) (moved []int64, err error) {
	if err := l.writable(); err != nil {
		return nil, err
	}
	err = l.writer.do(ctx, func(ctx context.Context) error {
		moved = moved[:0]
		for _, m := range misfits {
			result, err := l.writer.conn.ExecContext(ctx, `
				UPDATE orders SET state = 'invalid', reason = ?2, message = '', http_status = 0 WHERE id = ?1 AND state = 'ready'`, m.Row, ReasonSchemaChanged)
			if err != nil {
				return err
			}
			if n, err := result.RowsAffected(); err != nil || n == 0 {
				if err != nil {
					return err
				}
				continue
			}
			if _, err := l.writer.conn.ExecContext(ctx, `UPDATE contents SET findings = ?2 WHERE id = ?1`, m.Row, blob(m.Findings)); err != nil {
				return err
			}
			moved = append(moved, m.Row)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return moved, nil
}
