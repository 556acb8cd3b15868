package drop

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const poll = 10 * time.Second

// bench is a watched folder in a bubble of synctest: its clock stands still but in sleeps.
type bench struct {
	*testing.T
	dir     string
	drop    *Drop
	outcome func(Claim) Outcome // nil: Done, with a result

	mu      sync.Mutex
	handled []string // "name=content"
	events  []Event
}

func newBench(t *testing.T) *bench {
	dir := t.TempDir()
	return &bench{T: t, dir: dir, drop: &Drop{Name: "hr", Folder: dir, Patterns: DefaultPatterns, Action: Submit}}
}

func (b *bench) handle(_ context.Context, _ *Drop, c Claim) Outcome {
	data, err := os.ReadFile(c.Path)
	if err != nil {
		b.Errorf("the claim cannot be read: %v", err)
	}
	b.mu.Lock()
	b.handled = append(b.handled, c.Name+"="+string(data))
	b.mu.Unlock()
	if b.outcome != nil {
		return b.outcome(c)
	}
	if err := os.WriteFile(c.Result, []byte("result of "+c.Name), 0o600); err != nil {
		b.Error(err)
	}
	return Outcome{Verdict: Done}
}

func (b *bench) observe(e Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events = append(b.events, e)
}

// watch starts a watch; the function it gives ends it and waits.
func (b *bench) watch() func() { return b.watchWith(b.handle) }

func (b *bench) watchWith(handle Handler) func() {
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan struct{})
	go func() {
		Watch(ctx, &Config{Poll: poll, Drops: []*Drop{b.drop}}, handle, b.observe)
		close(ended)
	}()
	synctest.Wait()
	return func() { cancel(); <-ended }
}

// polls lets n polls go by.
func (b *bench) polls(n int) {
	time.Sleep(time.Duration(n) * poll)
	synctest.Wait()
}

// open opens the folder, made ready to be worked in, until the test ends.
func (b *bench) open() *folder {
	b.Helper()
	f, err := openFolder(b.dir)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(f.close)
	if err := f.prepare(); err != nil {
		b.Fatal(err)
	}
	return f
}

func (b *bench) put(name, content string) {
	b.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, name), []byte(content), 0o600); err != nil {
		b.Fatal(err)
	}
}

// written sets when a file was last written.
func (b *bench) written(name string, at time.Time) {
	b.Helper()
	if err := os.Chtimes(filepath.Join(b.dir, name), at, at); err != nil {
		b.Fatal(err)
	}
}

func (b *bench) want(names ...string) {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if got := strings.Join(b.handled, " "); got != strings.Join(names, " ") {
		b.Errorf("handled %q, want %q", b.handled, names)
	}
}

// kinds counts the events of a kind.
func (b *bench) kinds(k Kind) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.events {
		if e.Kind == k {
			n++
		}
	}
	return n
}

// in lists a folder without the stamps; dot files are left out.
func (b *bench) in(dir string) string {
	b.Helper()
	entries, err := os.ReadDir(filepath.Join(b.dir, dir))
	if err != nil && !os.IsNotExist(err) {
		b.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		name := e.Name()
		if plain, ok := unstamped(name); ok {
			name = plain
		}
		if !strings.HasPrefix(name, ".") && !e.IsDir() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func (b *bench) wantIn(dir, want string) {
	b.Helper()
	if got := b.in(dir); got != want {
		b.Errorf("in %s/: %q, want %q", dir, got, want)
	}
}

// bubble runs a test with a clock of its own.
func bubble(t *testing.T, test func(b *bench)) {
	synctest.Test(t, func(t *testing.T) { test(newBench(t)) })
}
