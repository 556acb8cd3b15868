// Package report writes what became of a file's rows, and writes it whole or not at all: every row that it is given is in
// the result once, every original column stands untouched and in order, and the totals are those of the rows.
//
// A result is written as a workbook for people, as CSV, or as JSON for scripts, all three from the same rows, whether these
// come from a dry run or from the ledger. What looks like a formula stays text. Rows stream through: memory grows with the
// file by the compressed rows of a JSON result only, which have to wait for the totals that stand above them.
package report

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"orderimport/importer"
	"orderimport/validate"
)

// Format is a kind of result file, named as its ending without the dot.
type Format string

// The formats.
const (
	XLSX Format = "xlsx"
	CSV  Format = "csv"
	JSON Format = "json"
)

// FormatOf tells the format by the ending of path, in any case.
func FormatOf(path string) (Format, error) {
	ending := strings.ToLower(strings.TrimPrefix(filepath.Ext(path), "."))
	switch format := Format(ending); format {
	case XLSX, CSV, JSON:
		return format, nil
	}
	return "", fmt.Errorf("%s: no result is written as %q", path, ending)
}

// Writer writes one result. One goroutine uses it.
type Writer interface {
	// Add writes a row and keeps nothing of it.
	Add(*importer.Row) error
	// Close writes what comes after the last row. Without it, and after any error, what was written is not a result.
	Close(importer.Summary) error
	// Abort gives up: it releases what the Writer holds and writes nothing. After Close it does nothing, so it can be deferred.
	Abort()
}

// New begins a result on w, which stays the caller's to close. Head must be known before the first row; lang is the language
// of headings, status words and sentences, English where it is no known one; in JSON only the findings' messages follow it.
func New(format Format, w io.Writer, head importer.Head, lang validate.Lang) (Writer, error) {
	if lang != validate.Swedish {
		lang = validate.English
	}
	switch format {
	case XLSX:
		return newWorkbook(w, head, lang)
	case CSV:
		return newCSV(w, head, lang)
	case JSON:
		return newJSON(w, head, lang)
	}
	return nil, fmt.Errorf("no result is written as %q; choose xlsx, csv or json", format)
}
