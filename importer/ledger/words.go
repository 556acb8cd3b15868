package ledger

import "fmt"

// words are the places in which the two stores' texts differ where moves are concerned.
//
// An identity that is taken, and a number that was given before, are the unique indexes' to refuse. For SQLite OR IGNORE makes that
// a row not found. PostgreSQL would end the transaction, so there the move looks first; nobody else writes meanwhile.
type words struct {
	update       string
	identityFree string
	numberFree   string
	running      string // the run is being sent, by this process
	runState     string // as told to whoever reads
	turn         string // gives run ?1 the state ?2
	left         string // why a row is in doubt that a process left in Sending
}

func (l *Ledger) words() words {
	s := l.shared
	if s == nil {
		return words{update: `UPDATE OR IGNORE`, running: `runs.state = 'running'`, runState: `runs.state`,
			turn: `UPDATE runs SET state = ?2 WHERE name = ?1`, left: ReasonProcessEnded}
	}
	return words{
		update: `UPDATE`,
		identityFree: ` AND NOT EXISTS (SELECT 1 FROM orders t
			WHERE t.fingerprint = orders.fingerprint AND t.occurrence = orders.occurrence AND t.takes = 1)`,
		// Two questions, since one with OR in it would read both indexes from end to end.
		numberFree: ` AND NOT EXISTS (SELECT 1 FROM orders t WHERE t.host = orders.host AND t.order_number = ?4)
			AND NOT EXISTS (SELECT 1 FROM orders t WHERE t.host = orders.host AND t.order_id = ?3)`,
		running: fmt.Sprintf(`runs.state = 'running' AND runs.session = %d`, s.session),
		runState: `CASE WHEN runs.state = 'running' AND NOT EXISTS (SELECT 1 FROM sessions WHERE sessions.id = runs.session AND ` + s.alive() + `)
			THEN 'stopped' ELSE runs.state END`,
		left: ReasonHostSilent,
		turn: fmt.Sprintf(`UPDATE runs SET state = ?2, session = CASE WHEN ?2 = 'running' THEN %d END WHERE name = ?1`, s.session),
	}
}
