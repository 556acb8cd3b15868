package connect

import (
	"errors"
	"io"
	"net"
	"testing"
	"time"
)

// failing is a connection whose writes fail.
type failing struct{ net.Conn }

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func always() bool { return true }

// TestWireCountsBeforeWriting checks that a write that failed counts: it may have been delivered.
func TestWireCountsBeforeWriting(t *testing.T) {
	w := &wire{Conn: failing{}}
	w.reading.Store(true)
	if !w.arm(always) {
		t.Fatal("not armed")
	}
	if _, err := w.Write([]byte("abc")); !errors.Is(err, io.ErrClosedPipe) {
		t.Fatalf("error %v", err)
	}
	if got := w.sent(); got != 3 {
		t.Errorf("counted %d bytes, want 3", got)
	}
}

// TestSealedWireWritesNothing checks that the count which seal gives is final.
func TestSealedWireWritesNothing(t *testing.T) {
	ours, theirs := net.Pipe()
	defer theirs.Close()
	w := &wire{Conn: ours}
	w.reading.Store(true)
	w.arm(always)
	if got := w.seal(); got != 0 {
		t.Errorf("counted %d bytes, want 0", got)
	}
	if _, err := w.Write([]byte("abc")); !errors.Is(err, errSealed) {
		t.Errorf("a sealed wire wrote: %v", err)
	}
	if got := w.seal(); got != 0 {
		t.Errorf("counted %d bytes after the refusal, want 0", got)
	}
	if w.arm(always) {
		t.Error("a sealed wire was armed")
	}
}

// TestWireRefusesAfterUnaskedBytes checks that an order does not leave when bytes came before it: net/http would take them for
// its answer.
func TestWireRefusesAfterUnaskedBytes(t *testing.T) {
	ours, theirs := net.Pipe()
	defer theirs.Close()
	w := &wire{Conn: ours}
	arrived := make(chan struct{})
	go func() {
		_, _ = w.Read(make([]byte, 10))
		close(arrived)
	}()
	if !w.arm(always) {
		t.Fatal("not armed")
	}
	if _, err := theirs.Write([]byte("HTTP/1.1 2")); err != nil {
		t.Fatal(err)
	}
	<-arrived
	if _, err := w.Write([]byte("abc")); !errors.Is(err, errUnasked) || w.seal() != 0 {
		t.Errorf("error %v, %d bytes counted", err, w.sent())
	}
}

// TestArmWaitsForTheReader checks that an order does not begin while earlier bytes may still lie unread above the wire.
func TestArmWaitsForTheReader(t *testing.T) {
	w := &wire{Conn: failing{}}
	asked := 0
	if w.arm(func() bool { asked++; return asked < 50 }) {
		t.Error("armed although nobody reads")
	}
	time.AfterFunc(5*time.Millisecond, func() { w.reading.Store(true) })
	if !w.arm(always) {
		t.Error("not armed although the reader came")
	}
}
