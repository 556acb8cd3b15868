package ledger

import (
	"bytes"
	"context"
	"database/sql"

	"github.com/jackc/pgx/v5"
)

// inserting is an INSERT of a Stage. A file runs it at once. To a server each would be a journey there and back, so there many go
// together, and an error comes with a later one.
type inserting struct {
	text  string
	stmt  *sql.Stmt    // of a file
	batch *sharedBatch // of a shared ledger
}

func (s *Stage) inserting(ctx context.Context, text string) (i *inserting, err error) {
	i = &inserting{text: text, batch: s.batch}
	if i.batch == nil {
		i.stmt, err = s.conn.PrepareContext(ctx, text)
	}
	return i, err
}

func (i *inserting) exec(ctx context.Context, args ...any) error {
	if i.batch == nil {
		_, err := i.stmt.ExecContext(ctx, args...)
		return err
	}
	return i.batch.add(ctx, i.text, args)
}

func (i *inserting) close() {
	if i != nil && i.stmt != nil {
		_ = i.stmt.Close()
	}
}

// mostInBatch bounds what a batch holds in memory: some 200 rows.
const mostInBatch = 600

// sharedBatch is what waits to be inserted. The nil one has nothing.
type sharedBatch struct {
	conn *sql.Conn
	pgx.Batch
}

func (b *sharedBatch) add(ctx context.Context, text string, args []any) error {
	for i, arg := range args {
		switch v := arg.(type) {
		case []byte: // the caller uses it again
			args[i] = bytes.Clone(v)
		case string:
			args[i] = sendable(v)
		}
	}
	b.Queue(translate(text), args...)
	if b.Len() < mostInBatch {
		return nil
	}
	return b.flush(ctx)
}

// flush inserts all that waits.
func (b *sharedBatch) flush(ctx context.Context) error {
	if b == nil || b.Len() == 0 {
		return nil
	}
	err := b.conn.Raw(func(dc any) error {
		return dc.(*translator).Conn.Conn().SendBatch(ctx, &b.Batch).Close()
	})
	b.Batch = pgx.Batch{}
	return err
}
