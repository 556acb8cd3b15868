package connect

import (
	"errors"
	"net"
	"runtime"
	"sync/atomic"
	"time"
)

// sealed is the bit of wire.written that forbids further writes.
const sealed = 1 << 62

var (
	errSealed  = errors.New("the connection was given up")
	errUnasked = errors.New("the other side sent data before it was asked")
)

// wire is a connection above TLS that can prove that nothing was written. It counts the bytes BEFORE it hands them down, since
// a write that fails may still have delivered; a counter of the raw socket would see TLS's own traffic too.
//
// It also knows whether bytes arrived before the request left. Such bytes cannot be the request's answer, and net/http would
// take them for it.
type wire struct {
	net.Conn
	written atomic.Int64 // bytes handed down; with the bit sealed, no more will be
	read    atomic.Int64 // bytes that arrived
	reading atomic.Bool  // a Read is waiting: nothing that arrived is left unread above
	// Set by arm; read by Write, which comes after arm.
	start     int64
	readStart int64
}

// Write counts, then writes. It refuses once the wire is sealed, and refuses a request's first byte when bytes arrived since arm.
func (w *wire) Write(p []byte) (int, error) {
	for {
		before := w.written.Load()
		if before&sealed != 0 {
			return 0, errSealed
		}
		if before == w.start && w.read.Load() != w.readStart {
			return 0, errUnasked
		}
		if w.written.CompareAndSwap(before, before+int64(len(p))) {
			return w.Conn.Write(p)
		}
	}
}

// Read counts what arrives.
func (w *wire) Read(p []byte) (int, error) {
	w.reading.Store(true)
	n, err := w.Conn.Read(p)
	w.reading.Store(false) // before the count, on which arm relies
	w.read.Add(int64(n))
	return n, err
}

// arm begins a request. It waits until everything that arrived so far has been looked at by net/http, so that a second reply
// to an earlier request cannot be taken for this one's; alive says whether waiting has a point. It reports whether it succeeded.
func (w *wire) arm(alive func() bool) bool {
	var deadline time.Time
	for tries := 0; ; tries++ {
		// The count first: a Read that waits after it has begun after everything in it was handed up and used.
		if w.readStart = w.read.Load(); w.reading.Load() {
			break
		}
		if !alive() {
			return false
		}
		if tries < 100 {
			runtime.Gosched()
			continue
		}
		if now := time.Now(); deadline.IsZero() {
			deadline = now.Add(time.Second)
		} else if now.After(deadline) {
			return false
		}
		time.Sleep(100 * time.Microsecond)
	}
	w.start = w.written.Load()
	return w.start&sealed == 0
}

// sent is how many bytes were handed down since arm, so far.
func (w *wire) sent() int64 { return w.written.Load()&^sealed - w.start }

// seal forbids further writes, and says how many bytes were handed down since arm: 0 is proof that the request never left.
func (w *wire) seal() int64 { return w.written.Or(sealed)&^sealed - w.start }
