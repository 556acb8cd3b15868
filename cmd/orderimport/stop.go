package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// endings are the signals that ask the program to end: Ctrl-C, a service that is stopped, a terminal or connection that is closed.
// Where nohup has the last of them ignored, it stays so.
func endings() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

// brokenPipes takes SIGPIPE, so that the write fails instead. Nobody reads it.
var brokenPipes = make(chan os.Signal, 1)

// draining gives a context that ends at the first Ctrl-C or other ending: no further row is taken, and the answers under way are
// waited for. The second Ctrl-C says which rows would become in doubt, the third ends the process and says which are. The other
// signals never do more than drain. No request is cancelled: the context of one that left is another.
//
// From here on the process outlives whoever reads what it says: Ctrl-C ends the tee behind it first, and the next word into the broken
// pipe would end the process with orders under way.
func (a *app) draining(ctx context.Context, underWay func() []int) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	signal.Notify(brokenPipes, syscall.SIGPIPE)
	signals := make(chan os.Signal, 3)
	signal.Notify(signals, endings()...)
	go func() {
		step := 0
		for s := range signals {
			if step++; s != os.Interrupt {
				step = 1
			}
			switch step {
			case 1:
				cancel()
				a.say(textDraining)
			case 2:
				a.say(textWouldDoubt, listRows(underWay()))
			default:
				os.Exit(a.abandon(underWay()))
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(signals)
		cancel()
	}
}

// abandon says which rows are left in doubt by an end at once, and gives the exit code. The ledger has them as being sent, and
// takes them for doubtful when it is opened next.
func (a *app) abandon(rows []int) int {
	if len(rows) == 0 {
		a.say(textEndsNow)
		return exitStopped
	}
	a.say(textNowDoubt, listRows(rows))
	return exitDoubt
}
