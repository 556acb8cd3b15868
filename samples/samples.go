// Package samples holds a list of new employees as an HR system exports it, and the profile that orders phones for them. The
// demo runs on it. All people are invented; the phone numbers are of the range that PTS keeps for fiction.
package samples

import _ "embed"

// HRExportCSV is the list in Windows-1252 with semicolons, its header on row 3, and seven rows that cannot be ordered as they
// stand.
//
//go:embed hr-export.csv
var HRExportCSV []byte

// HRExportXLSX is the same table as a workbook, with real dates and numbers.
//
//go:embed hr-export.xlsx
var HRExportXLSX []byte

// Profile maps the list's columns on package 1001 of the sandbox.
//
//go:embed profile.yaml
var Profile []byte

// Drops is a configuration of two watched folders.
//
//go:embed drops.yaml
var Drops []byte
