package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"orderimport/importer/drop"
	"orderimport/importer/ledger"
	"orderimport/importer/submit"
)

// attempt is what one handling of one claim came to know.
type attempt struct {
	sub     *app
	claim   drop.Claim
	run     *ledger.Run // of the file as it is now; nil: nothing of that was stored
	earlier *ledger.Run // a run of the same content, sent before
	// before are the runs of this claim that were read before somebody wrote to it again, the oldest first.
	before []*ledger.Run
	stored bool // this handling has stored a run
}

// handle does a drop's action with one file.
func (w *watcher) handle(ctx context.Context, d *drop.Drop, c drop.Claim) (out drop.Outcome) {
	code := exitStopped
	defer func() {
		// One file must not end the watch over all others. What a fault of ours read is not shown.
		if r := recover(); r != nil {
			out = drop.Outcome{Verdict: drop.Failed, Text: w.app.sentence(textPanic, fmt.Sprintf("%T", r))}
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.codes = append(w.codes, code)
	}()
	t := &attempt{sub: w.command(d, []string{c.Result}), claim: c}
	t.sub.hear = func(p phrase, args []any) {
		// The API's words may repeat what was sent; they stand in the result.
		switch p {
		case textPaused, textUnreachable, textRenewed, textReceipt, textLost, textNowDoubt, textAnswered, textReceipts, textRecovered, textNewCustomer, textWouldDoubt:
			w.log(d.Name, c.Name, p, args...)
		}
	}
	var err error
	if d.Action == drop.Submit {
		err = t.order(ctx)
	} else {
		err = t.sub.dryRun(ctx, c.Path)
	}
	var text string
	code, text = t.sub.words(err)
	switch {
	case errors.Is(err, context.Canceled):
		code = exitStopped
		return drop.Outcome{Verdict: drop.Left}
	case t.sub.stopped == submit.StopDrained, ctx.Err() != nil && t.sub.stopped == "" && code == exitStopped:
		// A sending hears the signal by itself, maybe before the watch does. Rows in doubt are told of by the code.
		return drop.Outcome{Verdict: drop.Left}
	}
	why := code // not the doubts that there were before: they are the run's to tell
	var doubt *doubtError
	if errors.As(err, &doubt) {
		why, _ = t.sub.words(doubt.cause)
	}
	out = t.outcome(d, why, text)
	if out.Verdict != drop.Again && c.Changed() {
		code = worse(code, exitFile)
		out.Verdict, out.Text = drop.Failed, joined(out.Text, textDropChanged.In(w.app.lang))
		if t.run != nil || len(t.before) > 0 {
			out.Text = joined(out.Text, textDropTwice.In(w.app.lang))
		}
	}
	return out
}

// order submits the claimed file, or goes on with the run that was made of it before.
func (t *attempt) order(ctx context.Context) error {
	if err := t.look(ctx); err != nil {
		return err
	}
	var err error
	known := t.runs()
	switch {
	case t.run != nil && unsent(t.run) == 0:
		err = t.settle(ctx)
	case t.run != nil:
		err = t.sub.goOn(ctx, t.run.ID)
	case t.earlier != nil && unsent(t.earlier) > 0:
		return exitError(exitStopped)
	case t.earlier != nil:
		return nil
	default:
		err = t.sub.submitFile(ctx, t.claim.Path)
	}
	// What the ledger says now decides where the file goes. Where it cannot say, nobody may call the file unsent for what its rows
	// came to; any other failure comes first.
	if again := t.look(context.WithoutCancel(ctx)); again != nil {
		if err == nil || errors.As(err, new(exitError)) {
			err = again
		}
		return err
	}
	t.stored = t.runs() > known
	t.earlier = nil // the file may have become what another was: that is not what was read
	return err
}

// runs is how many runs there are of this claim.
func (t *attempt) runs() int {
	if t.run == nil {
		return len(t.before)
	}
	return len(t.before) + 1
}

// settle writes the result of a run that has nothing left to send.
func (t *attempt) settle(ctx context.Context) error {
	lg, err := t.sub.lookLedger(ctx)
	if err != nil {
		return err
	}
	defer lg.Close()
	return t.sub.settle(ctx, &staged{id: t.run.ID, ledger: lg}, t.claim.Path, exitOK)
}

// look finds the runs of this very claim and of the same content. A claim's name is its own for ever, wherever the folder is
// moved; an earlier run counts where it lay in the same folder, for the same endpoint, and was sent.
func (t *attempt) look(ctx context.Context) error {
	lg, err := t.sub.lookLedger(ctx)
	if err != nil || lg == nil {
		return err
	}
	defer lg.Close()
	runs, err := lg.Runs(ctx)
	if err != nil {
		return err
	}
	sum, err := contentOf(t.claim.Path)
	if err != nil {
		return err
	}
	place, err := endpointOf(t.sub.set.endpoint)
	if err != nil {
		return err
	}
	t.run, t.earlier, t.before = nil, nil, nil
	for _, r := range slices.Backward(runs) { // the oldest first: it is the one that ordered
		mine := filepath.Base(r.File) == filepath.Base(t.claim.Path)
		switch {
		case r.Host != place.Host:
		case mine && r.SHA256 != sum:
			t.before = append(t.before, &r)
		case r.SHA256 != sum:
		case mine:
			t.run = &r
		case t.earlier == nil && r.State != ledger.RunStaged && filepath.Dir(r.File) == filepath.Dir(t.claim.Path):
			t.earlier = &r
		}
	}
	return nil
}

// unsent are the rows of a run that may still be sent, or were being sent when it ended.
func unsent(run *ledger.Run) int { return run.Totals[ledger.Ready] + run.Totals[ledger.Sending] }

// outcome says where the file goes, and why.
func (t *attempt) outcome(d *drop.Drop, code int, text string) drop.Outcome {
	lang := t.sub.lang
	if d.Action == drop.Validate {
		return t.checked(code, text)
	}
	var before []string
	for _, r := range t.before {
		before = append(before, t.sub.sentence(textDropBefore, r.ID, countsLine(r.Totals, false, lang)), t.doubts(r))
	}
	if t.run == nil && t.earlier != nil {
		e := t.earlier
		same := joined(joined(before...), t.sub.sentence(textDropSame, e.ID, e.StartedAt.Local().Format(time.DateTime), countsLine(e.Totals, false, lang)))
		if unsent(e) > 0 { // what stopped that run is for a person to judge
			return drop.Outcome{Verdict: drop.Failed, Text: same + "; " + t.sub.sentence(textGoOn, e.ID)}
		}
		return drop.Outcome{Verdict: drop.Done, Note: true, Text: same}
	}
	left, counts := 0, ""
	if t.run != nil {
		left = unsent(t.run)
		counts = t.sub.sentence(textDropRun, t.run.ID, countsLine(t.run.Totals, false, lang))
		if t.sub.stopped != "" {
			counts += "; " + t.sub.sentence(textStopped, stopText(t.sub.stopped, ""))
		}
		if left > 0 {
			counts += "; " + t.sub.sentence(textGoOn, t.run.ID)
		}
		counts = joined(counts, t.doubts(t.run))
	}
	verdict := drop.Failed
	switch {
	case code == exitToken, code == exitUnreachable, code == exitLedger:
		verdict = drop.Again
	case t.sub.stopped == submit.StopToken, t.sub.stopped == submit.StopUnreachable, t.sub.stopped == submit.StopUntrusted:
		verdict = drop.Again // beside rows in doubt
	case t.run != nil && left == 0 && (code == exitOK || code == exitRows || code == exitDoubt):
		verdict = drop.Done
	case t.run == nil && !t.stored && text == "":
		text = textDropNothing.In(lang)
	}
	return drop.Outcome{Verdict: verdict, Text: joined(text, joined(before...), counts)}
}

// doubts tells of a run's rows in doubt, "" where it has none.
func (t *attempt) doubts(run *ledger.Run) string {
	if n := run.Totals[ledger.InDoubt]; n > 0 {
		return t.sub.sentence(textDoubtRows, n, run.ID)
	}
	return ""
}

// joined puts sentences into one; those that say nothing are left out.
func joined(sentences ...string) string {
	return strings.Join(slices.DeleteFunc(sentences, func(s string) bool { return s == "" }), "; ")
}

// checked is outcome for a dry run.
func (t *attempt) checked(code int, text string) drop.Outcome {
	_, err := os.Lstat(t.claim.Result)
	switch {
	case code == exitToken, code == exitUnreachable, code == exitLedger:
		return drop.Outcome{Verdict: drop.Again, Text: text}
	case err != nil, code != exitOK && code != exitRows && code != exitDoubt:
		return drop.Outcome{Verdict: drop.Failed, Text: cmp.Or(text, textDropNothing.In(t.sub.lang))}
	case code == exitOK:
		return drop.Outcome{Verdict: drop.Done, Text: textDropValid.In(t.sub.lang)}
	}
	return drop.Outcome{Verdict: drop.Done, Text: textDropMend.In(t.sub.lang)}
}

// contentOf is the SHA-256 of a file, as the ledger keeps it.
func contentOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
