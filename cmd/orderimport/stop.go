package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// draining gives a context that ends at the first Ctrl-C or SIGTERM: no further row is taken, and the answers under way are
// waited for. The second Ctrl-C says which rows would become in doubt, the third ends the process and says which are. SIGTERM
// never does more than drain. No request is cancelled: the context of one that left is another.
func (a *app) draining(ctx context.Context, underWay func() []int) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	signals := make(chan os.Signal, 3)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		step := 0
		for s := range signals {
			if step++; s == syscall.SIGTERM {
				step = 1
			}
			switch step {
			case 1:
				a.say(textDraining)
				cancel()
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
