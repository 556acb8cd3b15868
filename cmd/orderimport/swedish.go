package main

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"sync"

	"orderimport/importer/connect"
	"orderimport/importer/drop"
	"orderimport/importer/mapping"
	"orderimport/importer/sheet"
)

// The packages below speak English, as libraries do: an error of theirs is one sentence, and often a hint. Their Swedish stands in
// catalogue, by the English sentence as the source has it, with its %-verbs. What is not there is said in English, within a
// Swedish frame.

// said is a sentence of a package below, in both languages.
func said(english string) phrase { return phrase{SV: swedish(english), EN: english} }

// saidError is an error of a package below, in both languages.
func saidError(err error) phrase { return phrase{SV: swedishError(err), EN: englishError(err)} }

// englishError says the commonest errors of the operating system in our own words.
func englishError(err error) string {
	if path, ok := err.(*fs.PathError); ok { // wrapped, it is the cause of a sentence of ours
		switch {
		case errors.Is(path, fs.ErrNotExist):
			return path.Path + ": is not there"
		case errors.Is(path, fs.ErrPermission):
			return path.Path + ": may not be used by you"
		}
	}
	return err.Error()
}

// swedishError says an error part by part: its place, what is wrong there, what was read.
func swedishError(err error) string {
	var (
		file    *sheet.FileError
		profile *mapping.ProfileError
		bind    *mapping.BindError
		config  *drop.ConfigError
		api     *connect.Error
	)
	switch {
	case errors.As(err, &file):
		text := file.File + ": "
		if file.Cell != "" {
			text += swedishPlace.Replace(file.Cell) + ": "
		}
		text += swedish(file.Text)
		if file.Read != "" {
			text += fmt.Sprintf(" (läst: %q)", file.Read)
		}
		return text
	case errors.As(err, &profile):
		return strings.TrimSuffix(profile.Error(), profile.Text) + swedish(profile.Text)
	case errors.As(err, &bind):
		place := bindPlace.FindString(strings.TrimPrefix(bind.Error(), bind.File))
		if bind.File == "" {
			place = ""
		}
		return bind.File + place + swedish(strings.TrimPrefix(bind.Error(), bind.File+place))
	case errors.As(err, &config):
		place := config.File + ": "
		if config.Line > 0 {
			place += fmt.Sprintf("rad %d: ", config.Line)
		}
		return place + swedish(config.Text)
	case errors.As(err, &api):
		return api.Op + ": " + swedish(api.Err.Error())
	}
	return swedish(englishError(err))
}

var (
	swedishPlace = strings.NewReplacer("row ", "rad ", "line ", "rad ", "column ", "kolumn ")
	bindPlace    = regexp.MustCompile(`^(?::\d+)?: `)
	// before is what stands before a sentence of the ledger.
	before       = regexp.MustCompile(`^(ledger|row|run) ("(?:[^"\\]|\\.)*"|\w+): (.+)$`)
	beforeWords  = map[string]string{"ledger": "liggaren", "row": "rad", "run": "körning"}
	quotedOrNone = regexp.MustCompile(`%[+#]?[-.\d]*[a-z]`)
)

// swedish is an English sentence of a package below in Swedish, as it stands where the catalogue does not know it.
func swedish(english string) string {
	if text, ok := catalogue[english]; ok {
		return text
	}
	if m := before.FindStringSubmatch(english); m != nil {
		return beforeWords[m[1]] + " " + m[2] + ": " + swedish(m[3])
	}
	for _, p := range patterns() {
		if m := p.english.FindStringSubmatch(english); m != nil {
			values := make([]any, len(m)-1)
			for i, v := range m[1:] {
				if !strings.HasPrefix(v, `"`) { // what was read is quoted, and stays as it is
					v = swedish(v)
				}
				values[i] = v
			}
			return fmt.Sprintf(p.swedish, values...)
		}
	}
	return english
}

// pattern finds a sentence by what stands between its values.
type pattern struct {
	english *regexp.Regexp
	swedish string // with a %s for each value
	letters int    // of the sentence itself
}

// patterns are those of the catalogue, the most telling first.
var patterns = sync.OnceValue(func() []pattern {
	var list []pattern
	for english, text := range catalogue {
		parts := quotedOrNone.Split(english, -1)
		if len(parts) == 1 {
			continue
		}
		p := pattern{swedish: text}
		for i, part := range parts {
			p.letters += len(part)
			parts[i] = regexp.QuoteMeta(part)
		}
		p.english = regexp.MustCompile(`(?s)^` + strings.Join(parts, `(.*?)`) + `$`)
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b pattern) int { return b.letters - a.letters })
	return list
})
