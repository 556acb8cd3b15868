package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"orderimport/importer/submit"
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
// waited for. The second Ctrl-C says which rows would become in doubt, the third ends the process and says which are, and which of their orders
// have a number that the ledger does not know yet. The other signals never do more than drain. No request is cancelled: the context of one that
// left is another. What there is to say is given to say, which does not wait: a signal is heeded also where nothing can be written.
//
// From here on the process outlives whoever reads what it says: Ctrl-C ends the tee behind it first, and the next word into the broken
// pipe would end the process with orders under way.
func draining(ctx context.Context, underWay *submit.UnderWay, progress *progress) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	signal.Notify(brokenPipes, syscall.SIGPIPE)
	signals := make(chan os.Signal, 3)
	signal.Notify(signals, endings()...)
	var heeding sync.WaitGroup
	heeding.Go(func() {
		step := 0
		for s := range signals {
			if step++; s != os.Interrupt {
				step = 1
			}
			switch step {
			case 1:
				cancel()
				progress.say(textDraining)
			case 2:
				progress.say(textWouldDoubt, listRows(underWay.Rows()))
			default:
				rows, answered := underWay.Rows(), underWay.Answered()
				said := make(chan struct{})
				go func() {
					<-abandon(rows, answered, progress)
					close(said)
				}()
				select {
				case <-said:
				case <-time.After(lastWords):
				}
				if len(rows) > 0 {
					os.Exit(exitDoubt)
				}
				os.Exit(exitStopped)
			}
		}
	})
	return ctx, func() {
		signal.Stop(signals)
		close(signals)
		heeding.Wait() // what it says comes before what the sending ends with
		cancel()
	}
}

// lastWords is how long an end at once waits for what it has to say and write down.
const lastWords = time.Second

// abandon says which rows are left in doubt by an end at once, and the orders among them that have a number, and then writes these down: the
// disk may be what does not answer. The ledger has the rows as being sent, and takes them for doubtful when it is opened next.
func abandon(rows []int, answered []submit.Event, progress *progress) (said <-chan struct{}) {
	if len(rows) == 0 {
		return progress.say(textEndsNow)
	}
	said = progress.say(textNowDoubt, listRows(rows))
	if len(answered) == 0 {
		return said
	}
	var numbers []string
	for _, e := range answered {
		numbers = append(numbers, fmt.Sprintf("%d: %s", e.Row, e.Number))
	}
	said = progress.say(textAnswered, strings.Join(numbers, ", "))
	if path := keepReceipts(progress.run, time.Now(), answered...); path != "" {
		said = progress.say(textReceipts, path)
	}
	return said
}
