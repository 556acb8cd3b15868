package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"
)

// statement is a prepared statement of the connection that writes, for whoever holds writer.free. No caller's context interrupts it.
type statement interface {
	// exec runs it with values of the kinds that moves have.
	exec(args ...any) error
	// moved runs a compare-and-set and reports whether it found its row.
	moved(args ...any) (bool, error)
	Close() error
}

// prepare readies a statement for the committer.
func (w *writer) prepare(ctx context.Context, query string) (statement, error) {
	if w.ledger.shared != nil {
		stmt, err := w.conn.PrepareContext(ctx, query)
		if err != nil {
			return nil, err
		}
		return sharedStatement{stmt}, nil
	}
	own, err := raw(w.conn)
	if err != nil {
		return nil, err
	}
	stmt, _, err := own.PrepareFlags(query, sqlite3.PREPARE_PERSISTENT)
	if err != nil {
		return nil, err
	}
	return fileStatement{stmt}, nil
}

// fileStatement is SQLite's. It goes past database/sql, which took a fifth of a move's time and half of the memory it allocated.
type fileStatement struct{ *sqlite3.Stmt }

// raw is the driver's connection beneath conn, which must stay open for as long as the other is used. No context interrupts it.
func raw(conn *sql.Conn) (c *sqlite3.Conn, err error) {
	err = conn.Raw(func(dc any) error {
		own, ok := dc.(driver.Conn)
		if !ok {
			return fmt.Errorf("%T is not SQLite's connection", dc)
		}
		c = own.Raw()
		return nil
	})
	return c, err
}

func (s fileStatement) exec(args ...any) error {
	for i, arg := range args {
		var err error
		switch v := arg.(type) {
		case int64:
			err = s.BindInt64(i+1, v)
		case int:
			err = s.BindInt(i+1, v)
		case string:
			err = s.BindText(i+1, v)
		case nil:
			err = s.BindNull(i + 1)
		default:
			err = fmt.Errorf("no way to bind %T", arg)
		}
		if err != nil {
			return err
		}
	}
	return s.Exec()
}

func (s fileStatement) moved(args ...any) (bool, error) {
	if err := s.exec(args...); err != nil {
		return false, err
	}
	return s.Conn().Changes() == 1, nil
}

// sharedStatement is PostgreSQL's.
type sharedStatement struct{ *sql.Stmt }

func (s sharedStatement) exec(args ...any) error {
	_, err := s.moved(args...)
	return err
}

func (s sharedStatement) moved(args ...any) (bool, error) {
	ctx, cancel := context.WithTimeout(context.Background(), answerTime)
	defer cancel()
	result, err := s.ExecContext(ctx, args...)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

// sharedBoundary begins or ends a transaction of PostgreSQL.
type sharedBoundary struct {
	conn     *sql.Conn
	text     string
	patience func() (context.Context, context.CancelFunc)
}

// begin waits for as long as others write: another host's search for a person in a large ledger is no failure.
func (s *shared) begin(conn *sql.Conn, text string) statement {
	return sharedBoundary{conn, text, func() (context.Context, context.CancelFunc) { return s.patience(), func() {} }}
}

func (s *shared) commit(conn *sql.Conn) statement {
	return sharedBoundary{conn, `COMMIT`, func() (context.Context, context.CancelFunc) {
		return context.WithTimeout(context.Background(), answerTime)
	}}
}

func (b sharedBoundary) exec(...any) error {
	ctx, cancel := b.patience()
	defer cancel()
	return b.conn.Raw(func(dc any) error {
		tag, err := dc.(*translator).Conn.Conn().Exec(ctx, b.text)
		// COMMIT of a transaction that has failed rolls back, which the server does not call an error.
		if err == nil && tag.String() == "ROLLBACK" {
			err = errors.New("the transaction was rolled back")
		}
		return err
	})
}

func (b sharedBoundary) moved(...any) (bool, error) { return false, b.exec() }
func (b sharedBoundary) Close() error               { return nil }

// closeAll closes statements, of which some may not have been prepared.
func closeAll(statements ...statement) error {
	var errs []error
	for _, s := range statements {
		if s != nil {
			errs = append(errs, s.Close())
		}
	}
	return errors.Join(errs...)
}
