package main

import (
	"net/url"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// printed finds the commands that are printed for a person to run and that work on a ledger. An ellipsis at their end is the person's.
var printed = regexp.MustCompile("`(orderimport (?:validate|stage|submit|runs|report|resolve|erase|ledger [a-z]+)\\b[^`]*?)( …)?`")

// sentence is a phrase in the language of the program, its commands for the ledger in use.
func (a *app) sentence(p phrase, values ...any) string {
	flags := strings.ReplaceAll(a.set.ledgerWords(), "%", "%%")
	return sentence(a.lang, phrase{SV: withFlags(p.SV, flags), EN: withFlags(p.EN, flags)}, values...)
}

// withFlags puts flags into the commands of a text.
func withFlags(text, flags string) string {
	if flags == "" {
		return text
	}
	return printed.ReplaceAllStringFunc(text, func(command string) string {
		m := printed.FindStringSubmatch(command)
		return "`" + m[1] + flags + m[2] + "`"
	})
}

// ledgerWords are what a command needs, each after a blank, to find the ledger in use: "" where it does so by itself.
func (s *settings) ledgerWords() string {
	flags := ""
	if s.ledger != "" && !sameLedger(s.ledger, s.usualLedger()) {
		flags += " --ledger " + shellQuoted(ledgerName(s.ledger))
	}
	if s.shared() && s.ledgerKey != "" && s.ledgerKey != s.unflagged().ledgerKey {
		key, err := filepath.Abs(s.ledgerKey)
		if err != nil {
			key = s.ledgerKey
		}
		flags += " --ledger-key-file " + shellQuoted(key)
	}
	return flags
}

// usualLedger is the ledger of a command without --ledger.
func (s *settings) usualLedger() string {
	if named := s.unflagged().ledger; named != "" {
		return named
	}
	return (&settings{}).ledgerInUse()
}

// ledgerInUse is the ledger's name for people, "" where there is no place for one.
func (s *settings) ledgerInUse() string {
	if s.ledger != "" {
		return ledgerName(s.ledger)
	}
	path, err := s.ledgerPath()
	if err != nil {
		return ""
	}
	return path
}

// unflagged are the settings of a command without flags, where what is said is read.
func (s *settings) unflagged() *settings {
	if s.own == nil || s.elsewhere {
		return &settings{}
	}
	return s.own
}

func sameLedger(a, b string) bool { return ledgerName(a) == ledgerName(b) }

// ledgerName is a ledger as --ledger takes it in any folder, without a password.
func ledgerName(ledger string) string {
	if hasPassword(ledger) {
		address, err := url.Parse(ledger)
		if err != nil {
			return ""
		}
		if _, there := address.User.Password(); there {
			address.User = url.User(address.User.Username())
		}
		if query := address.Query(); query.Has("password") || query.Has("sslpassword") {
			query.Del("password")
			query.Del("sslpassword")
			address.RawQuery = query.Encode()
		}
		return address.String()
	}
	if strings.Contains(ledger, "://") || ledger == "" {
		return ledger
	}
	path, err := filepath.Abs(strings.TrimPrefix(ledger, "file:"))
	if err != nil {
		return ledger
	}
	return path
}

// plainWord needs no quotes in a shell.
var plainWord = regexp.MustCompile(`^[\pL\pN_./:@%+=,~\\-]+$`)

// shellQuoted is a word for the shell of this system.
func shellQuoted(word string) string {
	switch {
	case runtime.GOOS == "windows" && plainWord.MatchString(word), plainWord.MatchString(word) && !strings.Contains(word, `\`):
		return word
	case runtime.GOOS == "windows":
		return `"` + word + `"`
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
