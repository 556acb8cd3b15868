// Package drop watches folders: a file that is put into one is found, claimed, handled once, and filed away with its result.
//
// The promise: no file is handled before it is whole, none is handled by two processes at once, and none is lost: each lies
// in its folder, in work/, in done/ or in failed/, at every moment. Nothing is ever overwritten or deleted. That nothing is
// ordered twice is the ledger's promise, not this package's; a [Handler] must bear being called again for the same claim,
// since that is what happens after a crash.
//
// # What becomes of a file
//
// A folder is polled with ReadDir: file notifications see nothing on network shares. A file is whole when its size and time
// of change stand still over two looks and it is not empty. Names that begin with a dot or ~$, or end in .part or .tmp, and
// whatever is no regular file (folders, symbolic links, pipes), are never touched.
//
// A whole file that is due is claimed by a rename into work/ under STAMP-NAME, the time in UTC to the millisecond before its
// own name; what a file name cannot hold everywhere is replaced by _. The handler reads it there. Then it is moved to
//
//   - done/ where everything that could be done with it was done: [Done];
//   - failed/ where nothing, or not all, could be done and a person must look: [Failed]. NAME-error.txt says why in a sentence;
//
// with the result workbook NAME-result.xlsx beside it, if there is one. The three folders are made with mode 0700 where they
// are missing; make them beforehand to share them. [Again] leaves the file in work/: the drop is tried again after a minute,
// then ever less often up to an hour, and takes no other file meanwhile. [Left] leaves it there until the next start.
//
// What lies in work/ when a drop begins a round was claimed by a process that has ended, and is gone on with before anything
// new: a lock in work/ is held through each round. Two hosts may watch one folder only where the file system carries locks
// from one to the other.
//
// # Schedules
//
// Without a schedule a file is due when it is whole. With one, each slot takes the files that lie in the folder then; one
// still being written is handled when it is whole, for up to an hour. A slot that passed while nothing watched is made up at
// the start for a file that was last written before it; other files wait for the next slot. Slots are wall-clock minutes of
// the drop's time zone: one that falls into the gap of spring is due once, right after the gap, and an hour that autumn
// repeats is not due a second time.
//
// Files are handled one at a time, over all drops, the oldest first: they share a ledger, which one run at a time writes.
package drop

import (
	"context"
	"io/fs"
	"os"
	"time"
)

// Handler does a drop's action with a claimed file. It is called for the same claim again after a crash or [Again]. When ctx
// ends it should drain and return [Left].
type Handler func(ctx context.Context, d *Drop, c Claim) Outcome

// Claim is a file that is ours alone.
type Claim struct {
	Name   string // as it was dropped, cleaned; for messages
	Path   string // absolute, in work/; the same at every call for this file
	Result string // where a result workbook may be written; it is filed under NAME-result.xlsx
	info   fs.FileInfo
}

// Changed reports whether the file was written to since the handler was called: some program kept it open, and what was read
// may not be all of it.
func (c Claim) Changed() bool {
	now, err := os.Lstat(c.Path)
	return err == nil && c.info != nil && !same(c.info, now)
}

// Outcome is what a handler did with a claim.
type Outcome struct {
	Verdict Verdict
	Text    string // one sentence: why it failed, or what is to be known of it; may be ""
	Note    bool   // of a Done: keep Text beside the file as NAME-note.txt
}

// Verdict says where a claimed file goes.
type Verdict uint8

// The verdicts.
const (
	Done   Verdict = iota + 1 // to done/
	Failed                    // to failed/, with Text in NAME-error.txt
	Again                     // stays in work/ and is tried again later: the API or the ledger is out of reach
	Left                      // stays in work/ until the next start: ctx ended
)

// Event is something to be logged. It holds names of files and drops and no content of a file, but for what Text says.
type Event struct {
	Kind    Kind
	Drop    string
	File    string        // as it was dropped, unescaped: print it with %q
	Verdict Verdict       // Filed
	Text    string        // of the outcome, or what went wrong
	Path    string        // Filed: where the file is now
	Wait    time.Duration // Postponed: until the next try
}

// Kind tells events apart.
type Kind uint8

// The kinds of Event.
const (
	Claimed    Kind = iota + 1 // begins to be handled
	Resumed                    // found in work/, gone on with
	Filed                      // in done/ or failed/
	Postponed                  // stays in work/ for Wait; told once for each Text
	Waiting                    // stays in work/ until the next start
	Unmatched                  // left alone: its name fits no pattern; this and the next two are told once
	Irregular                  // left alone: a symbolic link, a pipe or the like
	Empty                      // left alone until something is written to it
	Unfinished                 // Run only: it did not stand still, and is left for the next time
	Unclaimed                  // whole and due, but it cannot be moved to work/; told once for each Text
	Lost                       // the folder cannot be used; told once for each Text
	Found                      // the folder can be used again
	Busy                       // another process works in the folder; told once
)
