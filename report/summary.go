package report

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/xuri/excelize/v2"

	"orderimport/importer"
	"orderimport/importer/ledger"
	"orderimport/validate"
)

// maxNotes bounds the notes about the file on the summary sheet.
const maxNotes = 200

// summary writes the sheet that tells what was imported, what became of the rows, in figures and as a chart, and what was
// noted about the file.
func (b *workbook) summary(sum importer.Summary) error {
	s := &summarySheet{workbook: b, name: wordSummary.In(b.lang)}
	if _, err := b.file.NewSheet(s.name); err != nil {
		return err
	}
	off := false
	s.do(b.file.SetSheetView(s.name, 0, &excelize.ViewOptions{ShowGridLines: &off}))
	s.do(b.fitPage(s.name))
	s.do(b.file.SetColWidth(s.name, "A", "A", 24))
	s.do(b.file.SetColWidth(s.name, "B", "B", 14))
	s.facts(sum)
	s.row++
	s.totals(sum.Totals)
	s.notes(sum)
	return s.err
}

// summarySheet writes downwards. After an error it does nothing more.
type summarySheet struct {
	*workbook
	name string
	row  int // the last that was written
	err  error
}

func (s *summarySheet) do(err error) {
	if s.err == nil {
		s.err = err
	}
}

// line writes a row of cells, each in its own look; a nil value leaves its cell alone.
func (s *summarySheet) line(values ...excelize.Cell) {
	s.row++
	for i, v := range values {
		cell, err := excelize.CoordinatesToCellName(i+1, s.row)
		s.do(err)
		if v.Value != nil {
			s.do(s.file.SetCellValue(s.name, cell, v.Value))
		}
		s.do(s.file.SetCellStyle(s.name, cell, cell, v.StyleID))
	}
}

// style makes a look of the summary's own.
func (s *summarySheet) style(style excelize.Style) int {
	id, err := s.file.NewStyle(&style)
	s.do(err)
	return id
}

// facts tells what the result is of.
func (s *summarySheet) facts(sum importer.Summary) {
	head := &s.head
	title := s.style(excelize.Style{Font: font(16, true, colorTitle)})
	label := s.style(excelize.Style{Font: font(11, false, colorFaint)})
	text := s.styles.id(styleKey{})
	s.line(excelize.Cell{StyleID: title, Value: wordSummary.In(s.lang)})
	s.row++
	fact := func(p phrase, value string) {
		if value != "" {
			s.line(excelize.Cell{StyleID: label, Value: p.In(s.lang)}, excelize.Cell{StyleID: text, Value: s.text(value)})
		}
	}
	fact(labelFile, head.File)
	fact(labelSheet, head.Sheet)
	fact(labelSHA256, head.SHA256)
	fact(labelEndpoint, head.Endpoint)
	if sum.Package != 0 {
		fact(labelPackage, strconv.FormatInt(sum.Package, 10))
	} else {
		fact(labelPackage, wordSeveral.In(s.lang))
	}
	fact(labelRun, head.Run)
	if !head.StartedAt.IsZero() {
		fact(labelStarted, head.StartedAt.In(wallClock(head)).Format(entryTime+" (UTC-07:00)"))
	}
	dry := wordNo
	if head.DryRun {
		dry = wordYes
	}
	fact(labelDryRun, dry.In(s.lang))
}

// totals writes each state with its rows, those that occur first, and draws them.
func (s *summarySheet) totals(totals ledger.Totals) {
	header := s.styles.id(styleKey{tone: toneHeader, own: true})
	s.line(excelize.Cell{StyleID: header, Value: headings[0].In(s.lang)}, excelize.Cell{StyleID: header, Value: wordRows.In(s.lang)})
	states := slices.Clone(ledger.States)
	slices.SortStableFunc(states, func(x, y ledger.State) int { return occurs(totals, y) - occurs(totals, x) })
	zero := s.style(excelize.Style{Font: font(11, false, "A3AEB4")})
	first := s.row + 1
	var series []excelize.ChartSeries // one a state: only so do the bars have the colours of the rows
	for _, state := range states {
		name, number := zero, zero
		if totals[state] != 0 {
			t := toneOf(state)
			name, number = s.styles.id(styleKey{tone: t, own: true}), s.styles.id(styleKey{format: asNumber, tone: t, own: true})
			series = append(series, excelize.ChartSeries{
				Name:   fmt.Sprintf("'%s'!$A$%d", s.name, s.row+1),
				Values: fmt.Sprintf("'%s'!$B$%d", s.name, s.row+1),
				Fill:   solid(barColor(state)),
			})
		}
		s.line(excelize.Cell{StyleID: name, Value: StatusWord(state, s.head.DryRun, s.lang)}, excelize.Cell{StyleID: number, Value: totals[state]})
	}
	bold := s.style(excelize.Style{Font: font(11, true, colorInk), Border: []excelize.Border{{Type: "top", Color: colorTitle, Style: 1}}})
	s.line(excelize.Cell{StyleID: bold, Value: wordSum.In(s.lang)}, excelize.Cell{StyleID: bold, Value: totals.Rows()})
	if len(series) == 0 {
		return
	}

	gap, overlap := uint(40), -10
	s.do(s.file.AddChart(s.name, fmt.Sprintf("D%d", first-1), &excelize.Chart{
		Type:      excelize.Col,
		Series:    series,
		Title:     excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: wordRows.In(s.lang), Font: font(12, true, colorTitle)}}},
		Legend:    excelize.ChartLegend{Position: "right", Font: font(10, false, colorInk)},
		Dimension: excelize.ChartDimension{Width: 520, Height: 220},
		PlotArea:  excelize.ChartPlotArea{ShowVal: true},
		XAxis:     excelize.ChartAxis{TickLabelPosition: excelize.ChartTickLabelNone},
		YAxis:     excelize.ChartAxis{None: true}, // the bars have their figures
		GapWidth:  &gap,
		Overlap:   &overlap,
	}))
}

func occurs(totals ledger.Totals, state ledger.State) int {
	if totals[state] != 0 {
		return 1
	}
	return 0
}

// notes writes what was noted about the file, then what this workbook does not show as the file has it.
func (s *summarySheet) notes(sum importer.Summary) {
	var lines []string
	for _, n := range sum.Notes[:min(len(sum.Notes), maxNotes)] {
		text := validate.Remark(n, s.lang)
		if n.Row != 0 {
			text = fmt.Sprintf("%s %d: %s", headings[len(headings)-1].In(s.lang), n.Row, text)
		}
		lines = append(lines, text)
	}
	for _, n := range []struct {
		count  int
		phrase phrase
	}{{len(sum.Notes) - maxNotes, noteMoreNotes}, {s.hidden, noteHidden}, {s.cut, noteCut}} {
		if n.count > 0 {
			lines = append(lines, fmt.Sprintf(n.phrase.In(s.lang), n.count))
		}
	}
	if s.uncommented > 0 {
		lines = append(lines, fmt.Sprintf(noteMarks.In(s.lang), s.comments-s.noteComments))
	}
	if len(lines) == 0 {
		return
	}
	s.row++
	s.line(excelize.Cell{StyleID: s.style(excelize.Style{Font: font(11, true, colorTitle)}), Value: labelNotes.In(s.lang)})
	for _, text := range lines {
		s.line(excelize.Cell{StyleID: s.styles.id(styleKey{}), Value: s.text(text)})
	}
}
