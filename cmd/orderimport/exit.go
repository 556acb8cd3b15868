package main

import (
	"errors"
	"fmt"
	"io/fs"

	"orderimport/importer"
	"orderimport/importer/connect"
	"orderimport/importer/ledger"
	"orderimport/importer/mapping"
	"orderimport/importer/sheet"
	"orderimport/importer/submit"
	"orderimport/validate"
)

// The exit codes, DESIGN.md "Commands". Where several hold, the one named first in precedence is told; 7 and 2 end a file before
// any of the others can hold for it, and meet them only where many files are told as one.
const (
	exitOK          = 0
	exitRows        = 1
	exitUse         = 2
	exitDoubt       = 3
	exitStopped     = 4
	exitToken       = 5
	exitUnreachable = 6
	exitFile        = 7
	exitLedger      = 74
)

var precedence = []int{exitLedger, exitDoubt, exitToken, exitUnreachable, exitStopped, exitFile, exitUse, exitRows, exitOK}

// exitWords say what each code means. README has the same table.
var exitWords = map[int]phrase{
	exitOK:          {SV: "allt väl: varje rad giltig, beställd, redan beställd eller utelämnad av en regel", EN: "all well: every row valid, ordered, already ordered or left out by a rule"},
	exitRows:        {SV: "rader är ogiltiga, avvisade eller väntar på beslut; en profil med öppna frågor", EN: "some rows invalid, rejected or held; a mapping with open questions"},
	exitUse:         {SV: "fel användning eller inställning", EN: "wrong use or configuration"},
	exitDoubt:       {SV: "ovissa rader", EN: "rows in doubt"},
	exitStopped:     {SV: "stoppad med rader kvar; körningen kan gå vidare", EN: "stopped with rows not sent; the run can go on"},
	exitToken:       {SV: "API-nyckeln saknas eller avvisades", EN: "no token, or token refused"},
	exitUnreachable: {SV: "API:et nås inte, eller dess certifikat är inte betrott", EN: "API not reachable, or its certificate not trusted"},
	exitFile:        {SV: "filen saknas, är tom, kan inte läsas eller avvisades", EN: "file missing, not readable, empty or refused"},
	exitLedger:      {SV: "liggaren finns inte där den angavs, kan inte skrivas, är skadad, är en kopia eller hålls av en annan process", EN: "ledger not there where it was named, not writable, damaged, a copy, or held by another process"},
}

// worse gives the code that is told where both hold.
func worse(a, b int) int {
	for _, code := range precedence {
		if a == code || b == code {
			return code
		}
	}
	return exitOK
}

// useError is a wrong use of the command line; hint says what to do. An argument that is a phrase is said in the same language.
type useError struct {
	text phrase
	args []any
	hint phrase
}

func (e *useError) Error() string { return e.in(validate.English) }

func (e *useError) in(lang validate.Lang) string { return sentence(lang, e.text, e.args...) }

// exitError ends a command with a code after everything has been said.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// doubtError is what kept the rest of a run from being sent that has rows in doubt: they come before it.
type doubtError struct{ cause error }

func (e *doubtError) Error() string { return e.cause.Error() }
func (e *doubtError) Unwrap() error { return e.cause }

// explain turns an error into its exit code, what to say and what to do about it.
func explain(err error) (code int, text, hint phrase) {
	text = saidError(err)
	var (
		use       *useError
		file      *sheet.FileError
		path      *fs.PathError
		led       *ledger.Error
		refused   *ledger.RefusedError
		api       *connect.Error
		profile   *mapping.ProfileError
		bind      *mapping.BindError
		unknown   *mapping.UnknownPackage
		endpoint  *importer.EndpointError
		maxOrders *importer.MaxOrdersError
		many      *importer.ImplausibleError
		wrong     *importer.WrongEndpointError
	)
	switch {
	case errors.As(err, &led):
		return exitLedger, text, said(led.Hint)
	case errors.As(err, &use):
		return exitUse, phrase{SV: use.in(validate.Swedish), EN: use.in(validate.English)}, use.hint
	case errors.As(err, &file) && file.Option != "":
		return exitUse, text, said(file.Hint)
	case errors.As(err, &file):
		return exitFile, text, said(file.Hint)
	case errors.As(err, &profile):
		return exitUse, text, said(profile.Hint)
	case errors.As(err, &bind):
		if bind.Nearest != "" {
			return exitUse, text, nearestHint(bind.Nearest)
		}
		return exitUse, text, said(bind.Hint)
	case errors.As(err, &unknown):
		hint = hintPackages
		if unknown.Nearest != "" {
			hint = nearestHint(unknown.Nearest)
		}
		return exitUse, said(fmt.Sprintf("unknown package %q", unknown.Name)), hint
	case errors.As(err, &api):
		switch api.Kind {
		case connect.Unauthorized:
			return exitToken, text, hintToken
		case connect.Untrusted:
			return exitUnreachable, text, hintCertificate
		case connect.NotFound:
			return exitUse, text, hintPackages
		default:
			return exitUnreachable, text, hintUnreachable
		}
	case errors.As(err, &refused):
		return exitUse, text, hintRuns
	case errors.As(err, &endpoint):
		return exitUse, text, hintEndpoint
	case errors.Is(err, importer.ErrNoPackage):
		return exitUse, text, hintPackages
	case errors.As(err, &wrong):
		return exitUse, text, phrase{}
	case errors.As(err, &maxOrders), errors.As(err, &many):
		return exitStopped, text, hintMany
	case errors.As(err, &path):
		return exitFile, text, hintFile
	default:
		return exitUse, text, phrase{}
	}
}

// totalsExit is the code that a run's rows call for.
func totalsExit(t ledger.Totals) int {
	code := exitOK
	if t[ledger.Invalid]+t[ledger.Rejected]+t[ledger.Held] > 0 {
		code = exitRows
	}
	if t[ledger.Ready]+t[ledger.Sending] > 0 {
		code = worse(code, exitStopped)
	}
	if t[ledger.InDoubt] > 0 {
		code = worse(code, exitDoubt)
	}
	return code
}

// stopExit is the code that the end of a sending calls for.
func stopExit(s *submit.Stop) int {
	if s == nil {
		return exitOK
	}
	switch s.Code {
	case submit.StopToken:
		return exitToken
	case submit.StopUnreachable, submit.StopUntrusted:
		return exitUnreachable
	default:
		return exitStopped
	}
}
