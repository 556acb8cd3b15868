package ledger

// Facts are what a ledger knows of itself: the check value of its key, its mark, who adopted it, what was erased and when.
const (
	keyFact = "key-check" // Hasher.check

	getFact = `SELECT value FROM facts WHERE name = ?1`
	putFact = `INSERT INTO facts (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`
)
