package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"orderimport/importer/connect/connecttest"
)

// screen is a terminal whose output can be stopped, as ^S does, or text that is being marked.
type screen struct {
	t          *testing.T
	keys       *os.File
	side       *os.File // the program's
	transcript          // what has been shown
	done       chan struct{}
}

func newScreen(t *testing.T) *screen {
	t.Helper()
	keys, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		missing(t, "no terminal can be made: "+err.Error())
	}
	t.Cleanup(func() { keys.Close() })
	raw, err := keys.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var n int
	var fault error
	if err := raw.Control(func(fd uintptr) {
		if fault = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0); fault == nil {
			n, fault = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
		}
	}); err != nil || fault != nil {
		t.Fatal(err, fault)
	}
	side, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		missing(t, "no terminal can be opened: "+err.Error())
	}
	s := &screen{t: t, keys: keys, side: side, done: make(chan struct{})}
	go func() {
		defer close(s.done)
		_, _ = io.Copy(&s.transcript, keys) // ends with the last who has the other side
	}()
	return s
}

// onScreen starts cmd on a terminal of its own. The test's end ends it.
func onScreen(t *testing.T, cmd *exec.Cmd) *screen {
	t.Helper()
	s := newScreen(t)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = s.side, s.side, s.side
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	s.side.Close()
	return s
}

// press types a control character.
func (s *screen) press(key byte) {
	s.t.Helper()
	if _, err := s.keys.Write([]byte{key}); err != nil {
		s.t.Fatal(err)
	}
}

const (
	ctrlQ = 'Q' - '@'
	ctrlS = 'S' - '@'
)

// TestTerminalStandsStill stops a terminal's output while orders are under way: they go on and are booked, signals are heeded, and what
// was said meanwhile comes out when the terminal goes on.
func TestTerminalStandsStill(t *testing.T) {
	for _, test := range []struct {
		name   string
		faults []string
		begun  int // orders at the server when the terminal stops
		signal os.Signal
		made   int
		code   int
		says   []string // in this order
		totals map[string]int
	}{
		{"the orders go on", []string{"http-429-before@8/1"}, 2, nil, 30, exitOK, []string{"the API asked for a pause", "30 ordered"}, map[string]int{"ordered": 30}},
		{"SIGTERM", []string{"slow-after@2-5/2s"}, 5, syscall.SIGTERM, 5, exitStopped, []string{"waiting at most 150 s", "stopped: as asked", "25 not sent"}, map[string]int{"ordered": 5, "notSent": 25}},
		{"Ctrl-C three times", []string{"timeout-after@2-5"}, 5, os.Interrupt, 5, exitDoubt, nil, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := sandboxWith(t, connecttest.Options{Token: "token-of-a-test", Latency: 20 * time.Millisecond}, test.faults...)
			p := newPlace(t)
			p.people("people.csv", 0, 30)
			cmd, _ := p.submission(server, "people.csv", "--rate", "0", "--yes", "--workers", "4", "--result", p.path("out.json"))
			screen := onScreen(t, cmd)
			until(t, "orders under way", func() bool { return server.Requests().CreateOrder >= test.begun })
			screen.press(ctrlS)
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				cmd.Wait()
			}()
			time.Sleep(100 * time.Millisecond)
			over := func(wait time.Duration) bool {
				select {
				case <-ended:
					return true
				case <-time.After(wait):
					return false
				}
			}
			switch {
			case test.totals == nil: // one signal hides another that nobody has seen yet, and nobody can say that he has
				gone := false
				for n := 0; !gone && n < 100; n++ {
					cmd.Process.Signal(test.signal)
					gone = over(100 * time.Millisecond)
				}
				if !gone {
					t.Fatal("still running")
				}
			default:
				if test.signal != nil {
					cmd.Process.Signal(test.signal)
				}
				run := p.latest("people.csv")
				until(t, fmt.Sprintf("%v", test.totals), func() bool {
					r := p.result(run)
					for status, n := range test.totals {
						if r.Totals[status] != n {
							return false
						}
					}
					return true
				})
				if shown := screen.String(); strings.Contains(shown, test.says[0]) {
					t.Errorf("the terminal did not stand still:\n%s", shown)
				}
				screen.press(ctrlQ)
				if !over(20 * time.Second) {
					t.Fatal("still running")
				}
			}
			if code := cmd.ProcessState.ExitCode(); code != test.code {
				t.Errorf("exit %d, not %d", code, test.code)
			}
			if n := server.Requests().CreateOrder; len(server.Audit()) != test.made {
				t.Errorf("%d orders made of %d received", len(server.Audit()), n)
			}
			<-screen.done
			rest := screen.String()
			for _, words := range test.says {
				_, after, ok := strings.Cut(rest, words)
				if !ok {
					t.Errorf("%q is not shown, or not in its turn:\n%s", words, screen.String())
				}
				rest = after
			}
		})
	}
}

// TestEndedAtTheQuestion: a signal is the answer "no", and says how the run can be sent later.
func TestEndedAtTheQuestion(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		server := sandboxWith(t, connecttest.Options{Token: "token-of-a-test"})
		p := newPlace(t)
		p.people("people.csv", 0, 3)
		cmd, _ := p.submission(server, "people.csv")
		screen := onScreen(t, cmd)
		until(t, "the question", func() bool { return strings.Contains(screen.String(), "[y/N]") })
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		cmd.Wait()
		<-screen.done
		if code := cmd.ProcessState.ExitCode(); code != exitStopped || !strings.Contains(screen.String(), "orderimport submit "+p.latest("people.csv")) || len(server.Audit()) != 0 {
			t.Errorf("%v: exit %d, %d orders:\n%s", signal, code, len(server.Audit()), screen.String())
		}
	}
}
