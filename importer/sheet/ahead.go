package sheet

import (
	"hash"
	"io"
)

const (
	chunkSize  = 128 << 10 // one step of reading
	chunkCount = 4         // chunks that may be under way at once
)

// chunk is one step of a stream; err, io.EOF at its end, holds after data.
type chunk struct {
	data []byte
	err  error
}

// ahead reads a stream on a goroutine of its own, so that inflating or hashing and scanning share two cores. It is at most
// chunkCount chunks in front, and it has to be closed.
type ahead struct {
	full chan chunk
	free chan []byte
	stop chan struct{}
	last []byte // goes back to free with the next step
	err  error
}

// readAhead starts reading r. sum, if not nil, takes in every byte; it may be asked once next has returned io.EOF.
func readAhead(r io.Reader, sum hash.Hash) *ahead {
	a := &ahead{full: make(chan chunk, chunkCount), free: make(chan []byte, chunkCount), stop: make(chan struct{})}
	go a.run(r, sum)
	return a
}

func (a *ahead) run(r io.Reader, sum hash.Hash) {
	defer close(a.full)
	for made := 0; ; {
		var buf []byte
		select {
		case buf = <-a.free:
		default:
			if made < chunkCount {
				made++
				buf = make([]byte, chunkSize)
				break
			}
			select {
			case buf = <-a.free:
			case <-a.stop:
				return
			}
		}
		// Not io.ReadFull: a zip tells of a cut-off part by io.ErrUnexpectedEOF, which has to stay apart from a plain end.
		n, err := 0, error(nil)
		for n < len(buf) && err == nil {
			var m int
			m, err = r.Read(buf[n:])
			n += m
		}
		if sum != nil {
			sum.Write(buf[:n])
		}
		select {
		case a.full <- chunk{buf[:n], err}:
		case <-a.stop:
			return
		}
		if err != nil {
			return
		}
	}
}

// next gives the next bytes, valid until it is called again. The error may come with bytes.
func (a *ahead) next() ([]byte, error) {
	if a.err != nil {
		return nil, a.err
	}
	if a.last != nil {
		a.free <- a.last[:cap(a.last)]
		a.last = nil
	}
	c, ok := <-a.full
	if !ok {
		a.err = io.ErrClosedPipe
		return nil, a.err
	}
	a.last, a.err = c.data, c.err
	return c.data, c.err
}

// close ends the goroutine and waits for it. It may be called twice.
func (a *ahead) close() {
	select {
	case <-a.stop:
	default:
		close(a.stop)
	}
	for range a.full {
	}
	if a.err == nil {
		a.err = io.ErrClosedPipe
	}
}
