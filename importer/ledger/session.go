package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// A process that has a shared ledger open for writing is a session. It is alive while its connection holds the session's advisory
// lock and it was seen within the lease, both by the server's own word and clock. A run belongs to the session that sends it; once
// that is dead, its run is stopped, what it had in flight is in doubt, and any host may go on with what is ready. A host that was only silent
// finds its claims refused when it wakes; its late answers are still booked.

const (
	versionFact = "version"
	originFact  = "origin"
)

// alive is a condition on sessions.
func (s *shared) alive() string {
	return fmt.Sprintf(`(sessions.seen_at > clock_timestamp() - interval '%d milliseconds' AND EXISTS (
			SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND classid::bigint = %d AND objid::bigint = sessions.id
			AND database = (SELECT oid FROM pg_database WHERE datname = current_database())))`, s.lease.Milliseconds(), lockSession)
}

// join begins the session within the transaction, and takes from the dead what they had.
func (l *Ledger) join(ctx context.Context) error {
	s, conn := l.shared, l.writer.conn
	err := conn.QueryRowContext(ctx, `INSERT INTO sessions (host, pid) VALUES (?1, ?2) RETURNING id`, s.host, os.Getpid()).Scan(&s.session)
	if err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, fmt.Sprintf(`SELECT pg_advisory_lock(%d, %d)`, lockSession, s.session)); err != nil {
		return err
	}
	l.recovered, err = l.takeOver(ctx)
	return err
}

// takeOver ends the sessions of the dead within the transaction. What they left in Sending is in doubt: found is how many.
func (l *Ledger) takeOver(ctx context.Context) (found int, err error) {
	conn := l.writer.conn
	if _, err := conn.ExecContext(ctx, `DELETE FROM sessions WHERE id <> ?1 AND NOT `+l.shared.alive(), l.shared.session); err != nil {
		return 0, err
	}
	result, err := conn.ExecContext(ctx, `
		UPDATE orders SET state = 'in_doubt', reason = ?1, ended_at = ?2
		FROM runs WHERE runs.state = 'running' AND NOT EXISTS (SELECT 1 FROM sessions WHERE sessions.id = runs.session)
		AND orders.id >= runs.first AND orders.id < runs.first + runs.count AND orders.state = 'sending'`,
		ReasonHostSilent, micros(l.now()))
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	if err != nil {
		return 0, err
	}
	_, err = conn.ExecContext(ctx, `
		UPDATE runs SET state = 'stopped', session = NULL
		WHERE state = 'running' AND NOT EXISTS (SELECT 1 FROM sessions WHERE sessions.id = runs.session)`)
	return int(n), err
}

// mayTurn is an *Error where another host sends the run of a shared ledger, or has ended this session. What the dead had is taken
// from them first where the run is to be sent.
func (l *Ledger) mayTurn(ctx context.Context, run string, to RunState) error {
	s := l.shared
	if s == nil {
		return nil
	}
	conn := l.writer.conn
	if to == RunRunning {
		if _, err := l.takeOver(ctx); err != nil {
			return err
		}
	}
	if err := l.fenced(ctx); err != nil {
		return err
	}
	var host string
	var pid int
	err := conn.QueryRowContext(ctx, `
		SELECT sessions.host, sessions.pid FROM runs JOIN sessions ON sessions.id = runs.session
		WHERE runs.name = ?1 AND runs.session <> ?2`, run, s.session).Scan(&host, &pid)
	switch {
	case err == nil:
		return s.place.fail(nil, "wait until it has ended", "run %s is being sent by host %s, process %d", run, host, pid)
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	return nil
}

// fenced is an *Error where another host has ended this session, since it was silent for too long.
func (l *Ledger) fenced(ctx context.Context) error {
	s := l.shared
	if s == nil {
		return nil
	}
	var there bool
	if err := l.writer.conn.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM sessions WHERE id = ?1)`, s.session).Scan(&there); err != nil || there {
		return err
	}
	return s.place.fail(nil, "see which host sends the run now, with `orderimport runs`", "this host was silent for more than %s, and others may have taken over what it sent", s.lease)
}

// silentBeats is how many beats in a row fail before the server is taken for silent. That takes longer than the lease, and a process that was
// itself stopped for a while misses one or two when it goes on.
const silentBeats = 4

// live shows that this process is not silent, until quit. To a server that is silent, this process is too: it waits for it no longer.
func (s *shared) live() {
	tick := time.NewTicker(s.lease / 4)
	defer tick.Stop()
	for failed := 0; ; {
		select {
		case <-s.quit:
			return
		case <-tick.C:
		}
		if s.show(s.lease / 2) {
			failed = 0
		} else if failed++; failed == silentBeats {
			failed = 0
			s.trust(context.Background())
		}
	}
}

// trust begins a new patience, until s gives up or parent ends. What waits by the one before is given up.
func (s *shared) trust(parent context.Context) {
	s.silence.Lock()
	defer s.silence.Unlock()
	if s.giveUp != nil {
		s.giveUp()
	}
	s.patient, s.giveUp = context.WithCancel(parent)
}

// patience is the context for what may take as long as others write, but not longer than the server answers at all.
func (s *shared) patience() context.Context {
	s.silence.Lock()
	defer s.silence.Unlock()
	return s.patient
}

// show is one beat, and reports whether the server took it.
func (s *shared) show(most time.Duration) bool {
	ctx, cancel := context.WithTimeout(context.Background(), most)
	defer cancel()
	moved := s.moved.Swap(false)
	var wal int64
	err := s.beat.QueryRowContext(ctx, `UPDATE sessions SET seen_at = clock_timestamp() WHERE id = ?1 RETURNING `+walNow, s.session).Scan(&wal)
	if err != nil && moved {
		s.moved.Store(true)
	} else if moved {
		s.remember(wal)
	}
	return err == nil
}

// awaitDead waits a moment where a process of this host has died so lately that the server still holds its connection.
func (s *shared) awaitDead(ctx context.Context, db reading) error {
	for range 40 {
		waiting := false
		version, err := s.version(ctx, db.(querier))
		if err != nil || version == 0 {
			return err
		}
		err = each(ctx, db, func(scan func(...any) error) error {
			var pid int
			err := scan(&pid)
			waiting = waiting || !processAlive(pid)
			return err
		}, `SELECT pid FROM sessions WHERE host = ?1 AND `+s.alive(), s.host)
		if err != nil || !waiting {
			return err
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// processAlive is true where it cannot be known.
func processAlive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	defer p.Release()
	return !errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone)
}

// leave ends the session. One that has rows in flight stays for the next to find.
func (s *shared) leave() error {
	close(s.quit)
	s.beating.Wait()
	s.giveUp()
	if s.beat == nil {
		return nil
	}
	if !s.moved.Load() || s.show(5*time.Second) {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_, _ = s.beat.ExecContext(ctx, `DELETE FROM sessions WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM runs WHERE session = ?1)`, s.session)
	}
	return errors.Join(s.stages.Close(), s.beat.Close())
}
