package main

import (
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"orderimport/importer/ledger"
	"orderimport/importer/submit"
	"orderimport/report"
)

// progress shows a sending: a bar on a terminal, else a line each 5 s; and says what there is to say while orders are under way. A
// goroutine of its own writes it: a terminal that takes no output (^S, marked text) keeps no outcome from being booked and no signal from
// being heeded. Meanwhile states of the bar are left out, but no sentence: they are few, and come out in order once they can.
type progress struct {
	app   *app
	run   *ledger.Run
	total int
	bar   *progressbar.ProgressBar // nil: no terminal
	news  chan struct{}            // holds a token when there is something to say
	stop  chan struct{}
	done  sync.WaitGroup
	fault any // what the writing panicked with; read after done

	mu     sync.Mutex // guards all below; nobody writes with it
	words  []words
	counts ledger.Totals // of the rows that have come to an end
}

// words are a sentence that waits to be said.
type words struct {
	text phrase
	args []any
	said chan struct{} // closed then
}

func (a *app) progress(run *ledger.Run, total int) *progress {
	p := &progress{app: a, run: run, total: total, news: make(chan struct{}, 1), stop: make(chan struct{}), counts: ledger.Totals{}}
	if a.terminal(a.err) {
		p.bar = progressbar.NewOptions(total,
			progressbar.OptionSetWriter(a.err), progressbar.OptionSetDescription(textBar.In(a.lang)), progressbar.OptionShowCount(), progressbar.OptionShowIts(),
			progressbar.OptionSetItsString(phrase{SV: "rader", EN: "rows"}.In(a.lang)), progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(65*time.Millisecond), progressbar.OptionSetWidth(30),
		)
	}
	p.done.Go(p.write)
	return p
}

// write writes what there is to say until the end.
func (p *progress) write() {
	defer func() { p.fault = recover() }() // it would end the process, with orders under way; end tells it
	var tick <-chan time.Time
	if p.bar == nil {
		ticker := time.NewTicker(5 * time.Second)
		defer ticker.Stop()
		tick = ticker.C
	}
	for {
		select {
		case <-p.news:
			p.catchUp()
		case <-tick:
			p.line(p.catchUp())
		case <-p.stop:
			p.catchUp()
			return
		}
	}
}

// catchUp writes the sentences that wait, above the bar, and gives what it has counted.
func (p *progress) catchUp() ledger.Totals {
	p.mu.Lock()
	waiting, counts := p.words, maps.Clone(p.counts)
	p.words = nil
	p.mu.Unlock()
	for _, w := range waiting {
		if p.bar != nil {
			p.bar.Clear()
		}
		p.app.say(w.text, w.args...)
		close(w.said)
	}
	if p.bar != nil {
		p.bar.Describe(p.with(textBar.In(p.app.lang), counts, ", "))
		// The bar refuses to go past its end; a row that was sent twice as proof allowed is counted once by the ledger.
		p.bar.Set(min(counts.Rows(), p.total))
	}
	return counts
}

// line writes the progress in words.
func (p *progress) line(counts ledger.Totals) {
	p.app.say(plain("%s"), p.with(fmt.Sprintf(textProgress.In(p.app.lang), counts.Rows(), p.total), counts, ": "))
}

// with puts what became of the rows behind text.
func (p *progress) with(text string, rows ledger.Totals, separator string) string {
	if counts := report.StatusCounts(rows, false, p.app.lang); counts != "" {
		return text + separator + counts
	}
	return text
}

// observe is called by the workers, and by who books their outcomes: it must not wait for a terminal.
func (p *progress) observe(e submit.Event) {
	switch e.Kind {
	case submit.Booked:
		p.mu.Lock()
		p.counts[e.State]++
		p.mu.Unlock()
		p.wake()
	case submit.Paused:
		p.say(textPaused, e.Wait.Round(time.Second), e.Reason)
	case submit.Unreachable:
		p.say(textUnreachable, e.Wait.Round(100*time.Millisecond), said(e.Message))
	case submit.Shut:
		p.say(textShut, e.Package, e.Message)
	case submit.Renewed:
		p.say(textRenewed)
	case submit.Lost:
		if path := keepReceipts(p.run, time.Now(), e); path != "" {
			p.say(textReceipt, e.Row, e.Number, path)
		} else {
			p.say(textLost, e.Row, e.Number)
		}
	}
}

// say has a sentence said, in its turn. It does not wait; what it gives is closed when the sentence has been written.
func (p *progress) say(text phrase, args ...any) (said <-chan struct{}) {
	w := words{text, args, make(chan struct{})}
	p.mu.Lock()
	p.words = append(p.words, w)
	p.mu.Unlock()
	p.wake()
	return w.said
}

func (p *progress) wake() {
	select {
	case p.news <- struct{}{}:
	default:
	}
}

// end returns when all has been written.
func (p *progress) end() {
	close(p.stop)
	p.done.Wait()
	if p.fault != nil {
		panic(p.fault)
	}
	if p.bar != nil {
		p.bar.Exit()
		fmt.Fprintln(p.app.err)
		return
	}
	p.line(p.counts)
}
