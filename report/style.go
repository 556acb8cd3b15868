package report

import (
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"orderimport/importer/ledger"
	"orderimport/importer/sheet"
	"orderimport/validate"
)

// format is how a cell's value is shown.
type format uint8

const (
	asText format = iota
	asNumber
	asDate
	asDateTime
	asTime
	asSpan
)

// numFmts are the formats as Excel writes them; "@" keeps phone numbers and IDs text when a person edits them.
var numFmts = [...]string{asText: "@", asNumber: "General", asDate: "yyyy-mm-dd", asDateTime: "yyyy-mm-dd hh:mm:ss", asTime: "hh:mm:ss", asSpan: "[h]:mm:ss"}

// tone is what a row's colour tells.
type tone uint8

const (
	tonePlain tone = iota
	toneHeader
	toneGood
	toneBad
	toneDoubt
	toneWait
	toneQuiet
)

// toneOf sorts the states by what a reader has to do about them.
func toneOf(state ledger.State) tone {
	switch state {
	case ledger.Ordered:
		return toneGood
	case ledger.Invalid, ledger.Rejected:
		return toneBad
	case ledger.InDoubt, ledger.Sending:
		return toneDoubt
	case ledger.Held:
		return toneWait
	case ledger.Duplicate, ledger.Skipped, ledger.Closed:
		return toneQuiet
	}
	return tonePlain
}

// tones are the fills: of the file's own columns, which stay plain in rows that are as they should be so that the others stand
// out; and of the columns that the result adds.
var tones = [...]struct{ file, own string }{
	tonePlain:  {"", "F7F9FA"},
	toneHeader: {"E3E8EB", "1F4E5F"},
	toneGood:   {"", "E2F3E5"},
	toneBad:    {"FDF1EF", "FADBD6"},
	toneDoubt:  {"F6F0FB", "E8DAF5"},
	toneWait:   {"FFF9E8", "FFEDBF"},
	toneQuiet:  {"", "ECEFF1"},
}

// barColor is the state's in the chart, where each must be unlike the others.
func barColor(state ledger.State) string {
	switch state {
	case ledger.Ordered:
		return "4C9F5E"
	case ledger.Rejected:
		return "9E3126"
	case ledger.Invalid:
		return "E06C5C"
	case ledger.InDoubt:
		return "8A56B8"
	case ledger.Sending:
		return "C3A0E0"
	case ledger.Held:
		return "E0A52D"
	case ledger.Duplicate:
		return "7FB7A3"
	case ledger.Skipped:
		return "B4BEC4"
	case ledger.Closed:
		return "6C7A82"
	}
	return "3F88A8"
}

// Colours of text.
const (
	colorInk   = "1F2D33"
	colorTitle = "1F4E5F"
	colorFaint = "5B6B73"
)

// font names its family: excelize leaves it to the program that opens the file, and each takes another.
func font(size float64, bold bool, color string) *excelize.Font {
	return &excelize.Font{Family: "Calibri", Size: size, Bold: bold, Color: color}
}

// Fills of marked cells. A note has none: its comment tells.
const (
	fillError   = "F28B7D"
	fillWarning = "FFD45E"
)

// styleKey is one look of a cell. There are few, made when first used.
type styleKey struct {
	format   format
	tone     tone
	own      bool // a column that the result adds
	wrap     bool // the text has line breaks
	severity validate.Severity
}

// styles makes each look once: a workbook takes some 65,000.
type styles struct {
	file *excelize.File
	ids  map[styleKey]int
	err  error // the first
}

func (s *styles) id(key styleKey) int {
	if id, ok := s.ids[key]; ok {
		return id
	}
	style := &excelize.Style{Alignment: &excelize.Alignment{Vertical: "top", WrapText: key.wrap}}
	if key.format == asText {
		style.NumFmt = 49
	} else if key.format != asNumber {
		style.CustomNumFmt = &numFmts[key.format]
	}
	fill := tones[key.tone].file
	if key.own {
		fill = tones[key.tone].own
	}
	switch key.severity {
	case validate.Error:
		fill = fillError
	case validate.Warning:
		fill = fillWarning
	}
	if fill != "" {
		style.Fill = solid(fill)
	}
	if fill != "" && key.tone != toneHeader { // a fill hides the grid
		for _, side := range [...]string{"left", "right", "top", "bottom"} {
			style.Border = append(style.Border, excelize.Border{Type: side, Color: "D5DADD", Style: 1})
		}
	}
	if key.tone == toneHeader {
		style.Font = font(11, true, colorInk)
		if key.own {
			style.Font.Color = "FFFFFF"
		}
	}
	id, err := s.file.NewStyle(style)
	if err != nil && s.err == nil {
		s.err = err
	}
	s.ids[key] = id
	return id
}

func solid(color string) excelize.Fill {
	return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{color}}
}

// cellValue is the cell as excelize takes it, nil where it is empty. What would not come back as it was goes as text.
func cellValue(c sheet.Cell) (any, format) {
	text := cellText(c)
	switch c.Kind {
	case sheet.Empty:
		return nil, asText
	case sheet.Number:
		if v, err := strconv.ParseFloat(text, 64); err == nil && strconv.FormatFloat(v, 'f', -1, 64) == text {
			return v, asNumber
		}
	case sheet.Bool:
		if text == "true" || text == "false" {
			return text == "true", asNumber
		}
	case sheet.Date:
		if t, err := time.Parse(time.DateTime, text); err == nil && calendarHolds(t) {
			return t, asDateTime
		}
		if t, err := time.Parse(time.DateOnly, text); err == nil && calendarHolds(t) {
			return t, asDate
		}
	case sheet.Time:
		if span, ok := parseSpan(text); ok {
			days := span.Seconds() / (24 * 60 * 60)
			if days < 1 {
				return days, asTime
			}
			return days, asSpan
		}
	}
	return text, asText
}

// calendarHolds tells dates that Excel counts rightly from those before March 1900, where it has a day too many.
func calendarHolds(t time.Time) bool { return !t.Before(time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC)) }

// parseSpan reads hours, minutes and seconds; the hours may be many.
func parseSpan(text string) (time.Duration, bool) {
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		return 0, false
	}
	var n [3]int
	for i, part := range parts {
		v, err := strconv.Atoi(part)
		if err != nil || !digitsOnly(part) || len(part) > 6 || i > 0 && v > 59 {
			return 0, false
		}
		n[i] = v
	}
	return time.Duration(n[0]*3600+n[1]*60+n[2]) * time.Second, true
}
