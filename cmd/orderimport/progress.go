package main

import (
	"fmt"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"orderimport/importer/ledger"
	"orderimport/importer/submit"
	"orderimport/report"
)

// progress shows a sending: a bar on a terminal, else a line each 5 s.
type progress struct {
	app   *app
	run   *ledger.Run
	total int
	stop  chan struct{}
	done  sync.WaitGroup

	mu     sync.Mutex // guards all below, and the bar
	bar    *progressbar.ProgressBar
	counts ledger.Totals // of the rows that have come to an end
}

func (a *app) progress(run *ledger.Run, total int) *progress {
	p := &progress{app: a, run: run, total: total, stop: make(chan struct{}), counts: ledger.Totals{}}
	if a.terminal(a.err) {
		p.bar = progressbar.NewOptions(total,
			progressbar.OptionSetWriter(a.err), progressbar.OptionSetDescription(textBar.In(a.lang)), progressbar.OptionShowCount(), progressbar.OptionShowIts(),
			progressbar.OptionSetItsString(phrase{SV: "rader", EN: "rows"}.In(a.lang)), progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(65*time.Millisecond), progressbar.OptionSetWidth(30),
		)
		return p
	}
	p.done.Go(func() {
		tick := time.NewTicker(5 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				p.mu.Lock()
				p.line()
				p.mu.Unlock()
			case <-p.stop:
				return
			}
		}
	})
	return p
}

// line is the progress in words. The caller holds mu.
func (p *progress) line() {
	p.app.say(plain("%s"), p.with(fmt.Sprintf(textProgress.In(p.app.lang), p.counts.Rows(), p.total), ": "))
}

// with puts what became of the rows behind text.
func (p *progress) with(text, separator string) string {
	if counts := report.StatusCounts(p.counts, false, p.app.lang); counts != "" {
		return text + separator + counts
	}
	return text
}

// observe is called by the workers.
func (p *progress) observe(e submit.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e.Kind {
	case submit.Booked:
		p.counts[e.State]++
		if p.bar != nil {
			p.bar.Describe(p.with(textBar.In(p.app.lang), ", "))
			// The bar refuses to go past its end; a row that was sent twice as proof allowed is counted once by the ledger.
			if p.counts.Rows() <= p.total {
				p.bar.Add(1)
			}
		}
	case submit.Paused:
		p.message(textPaused, e.Wait.Round(time.Second), e.Reason)
	case submit.Unreachable:
		p.message(textUnreachable, e.Wait.Round(100*time.Millisecond), said(e.Message))
	case submit.Shut:
		p.message(textShut, e.Package, e.Message)
	case submit.Renewed:
		p.message(textRenewed)
	case submit.Lost:
		if path := keepReceipt(p.run, e, time.Now()); path != "" {
			p.message(textReceipt, e.Row, e.Number, path)
		} else {
			p.message(textLost, e.Row, e.Number)
		}
	}
}

// message is said above the bar. The caller holds mu.
func (p *progress) message(text phrase, args ...any) {
	if p.bar != nil {
		p.bar.Clear()
	}
	p.app.say(text, args...)
}

func (p *progress) end() {
	close(p.stop)
	p.done.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		p.bar.Exit()
		fmt.Fprintln(p.app.err)
		return
	}
	p.line()
}
