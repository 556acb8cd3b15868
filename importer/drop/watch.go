package drop

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// The waits of a drop whose API is out of reach.
const (
	firstWait = time.Minute
	maxWait   = time.Hour
)

// grace is how long after its slot a file may still be being written.
const grace = time.Hour

// runLooks bounds how often Run looks for a file to stand still.
const runLooks = 6

// ErrBusy is a folder that another process works in at this moment.
var ErrBusy = errors.New("another process works in this folder")

// Watch handles the drops until ctx ends, and returns when the handler has. observe is called for one event at a time. A
// drop that fails does not stop the others.
func Watch(ctx context.Context, cfg *Config, handle Handler, observe func(Event)) {
	turn := make(chan struct{}, 1)
	var mu sync.Mutex
	told := func(e Event) {
		mu.Lock()
		defer mu.Unlock()
		observe(e)
	}
	var drops sync.WaitGroup
	for _, d := range cfg.Drops {
		w := newWatched(d, handle, told, turn)
		if d.Schedule != nil {
			w.slots = newSlots(d.Schedule, time.Now())
		}
		drops.Go(func() { w.follow(ctx, cfg.Poll) })
	}
	drops.Wait()
}

// Run handles what lies in one drop's folder, once, now, whatever its schedule. What is still being written after a few looks
// is left. Errors are ErrBusy and those of the folder; what became of the files is told to observe.
func Run(ctx context.Context, cfg *Config, d *Drop, handle Handler, observe func(Event)) error {
	w := newWatched(d, handle, observe, make(chan struct{}, 1))
	for range runLooks {
		if err := w.round(ctx, time.Now(), false); err != nil {
			return err
		}
		if len(w.seen) == len(w.due()) || !sleep(ctx, cfg.Poll) {
			break
		}
	}
	if err := w.round(ctx, time.Now(), true); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(w.seen)) {
		if l := w.seen[name]; !l.still && l.info.Size() > 0 {
			w.tell(Event{Kind: Unfinished, File: name})
		}
	}
	return nil
}

// watched is one drop being watched.
type watched struct {
	drop    *Drop
	handle  Handler
	observe func(Event)
	turn    chan struct{} // held while a file of any drop is handled
	slots   *slots        // nil: on arrival

	now     time.Time
	begun   bool // looked once
	seen    map[string]look
	tickets map[string]time.Time // by name: the slot that a file is due for
	told    map[string]string    // by name: what was said of a file
	lost    string               // what was said of the folder
	busy    bool
	stamped time.Time // the last claim

	wait    time.Duration // after the last Again; 0: none
	retryAt time.Time
	why     string // what was said of it
}

// look is a file as last seen.
type look struct {
	info  fs.FileInfo
	since time.Time // stands still since
	still bool      // over two looks, and not empty
}

func newWatched(d *Drop, handle Handler, observe func(Event), turn chan struct{}) *watched {
	return &watched{drop: d, handle: handle, observe: observe, turn: turn, seen: map[string]look{}, tickets: map[string]time.Time{}, told: map[string]string{}}
}

func (w *watched) follow(ctx context.Context, poll time.Duration) {
	for ctx.Err() == nil {
		_ = w.round(ctx, time.Now(), true) // what went wrong was told, and is tried again
		if !sleep(ctx, poll) {
			return
		}
	}
}

// sleep reports whether it was not cut short.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

func (w *watched) tell(e Event) {
	e.Drop = w.drop.Name
	w.observe(e)
}

// round looks once and, if work is set, handles what is there to be handled.
func (w *watched) round(ctx context.Context, now time.Time, work bool) error {
	w.now = now
	f, err := openFolder(w.drop.Folder)
	if err != nil {
		return w.lose(err)
	}
	defer f.close()
	infos, err := f.look()
	if err != nil {
		return w.lose(err)
	}
	w.notice(infos)
	w.issue()
	claims, err := f.claims()
	if err != nil {
		return w.lose(err)
	}
	if !work || now.Before(w.retryAt) || len(claims)+len(w.due()) == 0 {
		return w.find()
	}
	select {
	case w.turn <- struct{}{}:
		defer func() { <-w.turn }()
	case <-ctx.Done():
		return nil
	}
	if err := f.prepare(); err != nil {
		return w.lose(err)
	}
	unlock, ok, err := f.lock()
	if err != nil {
		return w.lose(err)
	}
	if !ok {
		if !w.busy {
			w.tell(Event{Kind: Busy})
		}
		w.busy = true
		return ErrBusy
	}
	defer unlock()
	w.busy = false
	if err := w.find(); err != nil {
		return err
	}
	return w.work(ctx, f)
}

// work goes on with what lies in work/, then claims and handles what is due. The caller holds turn and lock.
func (w *watched) work(ctx context.Context, f *folder) error {
	if err := f.sweep(); err != nil {
		return w.lose(err)
	}
	claims, err := f.claims() // again, under the lock
	if err != nil {
		return w.lose(err)
	}
	for _, claimed := range claims {
		if ctx.Err() != nil || !w.attend(ctx, f, claimed, Resumed) {
			return nil
		}
	}
	for _, info := range w.due() {
		if ctx.Err() != nil {
			return nil
		}
		at := time.Now()
		if limit := w.stamped.Add(time.Millisecond); at.Before(limit) {
			at = limit
		}
		w.stamped = at
		claimed, err := f.claim(info, at)
		if err != nil {
			w.once(Event{Kind: Unclaimed, File: info.Name(), Text: reason(cause(err))})
			continue
		}
		delete(w.seen, info.Name())
		delete(w.tickets, info.Name())
		if claimed != "" && !w.attend(ctx, f, claimed, Claimed) {
			return nil
		}
	}
	return nil
}

// attend has a claim handled and files it away. It reports whether the drop may go on with the next.
func (w *watched) attend(ctx context.Context, f *folder, claimed string, kind Kind) bool {
	name, _ := unstamped(claimed)
	if kind == Claimed || w.wait == 0 {
		w.tell(Event{Kind: kind, File: name})
	}
	path := filepath.Join(workDir, claimed)
	info, err := f.root.Lstat(path)
	if err != nil {
		return w.postpone(name, reason(err))
	}
	out := w.handle(ctx, w.drop, Claim{
		Name: name, Path: filepath.Join(f.path, path), Result: filepath.Join(f.path, workDir, resultName(claimed)), info: info,
	})
	dir, suffix, text := failedDir, "error", out.Text
	switch out.Verdict {
	case Again, Left:
		if ctx.Err() != nil {
			w.tell(Event{Kind: Waiting, File: name, Text: out.Text})
			return false
		}
		return w.postpone(name, out.Text)
	case Done:
		dir, suffix = doneDir, "note"
		if !out.Note {
			text = ""
		}
	default:
		out.Verdict = Failed
	}
	if err := f.fileAway(claimed, dir, suffix, text); err != nil {
		return w.postpone(name, reason(err))
	}
	w.wait, w.retryAt, w.why = 0, time.Time{}, ""
	w.tell(Event{Kind: Filed, File: name, Verdict: out.Verdict, Text: out.Text, Path: filepath.Join(f.path, dir, claimed)})
	return true
}

// postpone lets the drop rest, longer each time.
func (w *watched) postpone(name, why string) bool {
	first := w.wait == 0
	w.wait = min(max(2*w.wait, firstWait), maxWait)
	w.retryAt = time.Now().Add(w.wait)
	if first || why != w.why {
		w.tell(Event{Kind: Postponed, File: name, Text: why, Wait: w.wait})
	}
	w.why = why
	return false
}

// notice compares the folder with the last look.
func (w *watched) notice(infos []fs.FileInfo) {
	there := map[string]bool{}
	for _, info := range infos {
		name := info.Name()
		if info.IsDir() || unfinished(name) {
			continue
		}
		there[name] = true
		switch {
		case !info.Mode().IsRegular():
			w.once(Event{Kind: Irregular, File: name})
			continue
		case !w.drop.matches(name):
			w.once(Event{Kind: Unmatched, File: name})
			continue
		}
		last, known := w.seen[name]
		if !known || !same(last.info, info) {
			w.seen[name] = look{info: info, since: w.now}
			continue
		}
		if info.Size() == 0 {
			w.once(Event{Kind: Empty, File: name})
			continue
		}
		last.still = true
		w.seen[name] = last
	}
	gone := func(name string) bool { return !there[name] }
	maps.DeleteFunc(w.seen, func(name string, _ look) bool { return gone(name) })
	maps.DeleteFunc(w.tickets, func(name string, _ time.Time) bool { return gone(name) })
	maps.DeleteFunc(w.told, func(name string, _ string) bool { return gone(name) })
}

// issue gives the files that lie here at a slot their ticket.
func (w *watched) issue() {
	if w.slots == nil {
		return
	}
	first := !w.begun
	w.begun = true
	slot := w.slots.due(w.now)
	for name, l := range w.seen {
		switch at, ok := w.tickets[name]; {
		case slot, first && w.slots.passed(l.info.ModTime(), w.now):
			w.tickets[name] = w.now
		case ok && l.since.After(at.Add(grace)):
			delete(w.tickets, name)
		}
	}
}

// due are the files to be claimed now, the oldest first.
func (w *watched) due() []fs.FileInfo {
	var due []fs.FileInfo
	for name, l := range w.seen {
		if _, ticket := w.tickets[name]; l.still && (ticket || w.slots == nil) {
			due = append(due, l.info)
		}
	}
	slices.SortFunc(due, func(a, b fs.FileInfo) int {
		return cmp.Or(a.ModTime().Compare(b.ModTime()), cmp.Compare(a.Name(), b.Name()))
	})
	return due
}

// once tells what is new about a file.
func (w *watched) once(e Event) {
	said := fmt.Sprint(e.Kind, e.Text)
	if w.told[e.File] != said {
		w.told[e.File] = said
		w.tell(e)
	}
}

// lose tells that the folder cannot be used.
func (w *watched) lose(err error) error {
	if text := reason(err); text != w.lost {
		w.lost = text
		w.tell(Event{Kind: Lost, Text: text})
	}
	return err
}

// find tells that it can be used again.
func (w *watched) find() error {
	if w.lost != "" {
		w.lost = ""
		w.tell(Event{Kind: Found})
	}
	return nil
}
