package sheet

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unsafe"
)

const (
	headRows   = 200 // rows that are looked at for the header
	sampleRows = 20  // rows that Samples gives

	maxHead = 16 << 20 // bytes of these rows in memory; of a sheet so wide fewer rows are looked at
)

// findTable reads the beginning of the table from the row start on, finds its header, and sets the fields of File that follow
// from it. want is the row that the caller names as header, 0 for none.
func (f *File) findTable(start, want int) error {
	head, err := f.readHead(max(start, want))
	if err != nil {
		return err
	}
	if len(head) == 0 && want == 0 {
		return &FileError{File: f.Name, Text: "holds no table: nothing but blank rows", Hint: "export it again"}
	}
	at, labelled := 0, true
	if want > 0 {
		if len(head) == 0 || head[0].Number != want {
			return &FileError{File: f.Name, Option: "header", Cell: fmt.Sprintf("row %d", want), Text: "is blank or not the start of a row, so it cannot be the header", Hint: "name the row that the labels stand on"}
		}
	} else {
		at, labelled = findHeader(head)
		if labelled && f.Format == "csv" {
			at = belowMetadata(head, at)
		}
	}
	if !labelled {
		if labelled, err = f.groupsAbove(head, at); err != nil {
			return err
		}
		if labelled {
			at--
		}
	}
	top := at
	if labelled {
		if top, at, err = f.joinMerged(head, at, want == 0); err != nil {
			return err
		}
	}
	for _, fault := range head[at].Faults {
		if labelled && fault.Code == "other-delimiter" {
			f.note("header-delimiter", head[at].Number, fmt.Sprintf("%q", fault.Text))
		}
	}
	if top < at {
		f.note("header-lines", head[top].Number, strconv.Itoa(at-top+1))
	}
	for _, row := range head[:top] {
		code := "title"
		if isComment(row.Cells) {
			code = "comment"
		}
		f.note(code, row.Number, rowText(row.Cells))
	}
	body := head[at:]
	if labelled && f.Format == "csv" && areNumbered(head[at], head[at+1:]) {
		head[at].Cells = slices.Insert(head[at].Cells, 0, Cell{})
		f.note("row-numbers", head[at].Number)
	}
	if labelled {
		f.HeaderRow = head[at].Number
		f.first = f.HeaderRow + 1
		body = head[at+1:]
		f.labels = len(head[at].Cells)
		f.Columns = labels(head[at].Cells, f.width(head[at].Cells, body))
	} else {
		f.first = head[at].Number
		f.note("no-header", f.first)
		width := 0
		for _, row := range body {
			width = max(width, lastFilled(row.Cells)+1)
		}
		if f.Format == "csv" {
			width = commonWidth(body)
		}
		f.Columns = labels(nil, width)
	}
	f.hashes = hashesIn(body)
	f.hashes.alone = f.hashes.alone || len(f.Columns) == 1
	for _, row := range body {
		if len(f.samples) == sampleRows {
			break
		}
		if f.isRemark(row.Cells) {
			continue
		}
		cells := row.Cells
		for len(cells) < len(f.Columns) {
			cells = append(cells, Cell{})
		}
		if row.behindBlank && f.block == 0 {
			f.block = len(f.samples)
		}
		f.samples = append(f.samples, cells)
	}
	if f.block == 0 {
		f.block = len(f.samples)
	}
	return nil
}

// areNumbered tells whether all rows have one cell more in front than there are labels, with their numbers, as R writes its tables.
func areNumbered(labels Row, rows []Row) bool {
	if len(rows) < 2 {
		return false
	}
	for i, row := range rows {
		if len(row.Cells) != len(labels.Cells)+1 || row.Cells[0].Text != strconv.Itoa(i+1) {
			return false
		}
	}
	return onlyWords(labels.Cells)
}

// readHead gives copies of the first rows that are not blank, from the row top on.
func (f *File) readHead(top int) ([]Row, error) {
	raw, err := f.open()
	if err != nil {
		return nil, err
	}
	defer raw.close()
	var head []Row
	var row Row
	for size, last, counted := 0, 0, 0; counted < headRows && size < maxHead; {
		err := raw.read(&row)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if f.Format == "csv" && blank(row.Cells) {
			last = 0
		} else if isRule(row.Cells) {
			last = row.Number // neither a title nor a label
		} else if row.Number >= top && !blank(row.Cells) {
			behindBlank := last == 0 || f.Format != "csv" && row.Number > last+1
			head = append(head, Row{Number: row.Number, Hidden: row.Hidden, Cells: slices.Clone(row.Cells), Faults: slices.Clone(row.Faults), behindBlank: behindBlank})
			last = row.Number
			if !isComment(row.Cells) {
				counted++
			}
			for i := range row.Cells {
				size += int(unsafe.Sizeof(Cell{})) + len(row.Cells[i].Text)
			}
		}
	}
	return head, nil
}

// findHeader finds the row of labels among rows that are not blank. Titles and remarks above it fill few cells; labels are
// words, all different. labelled is false where the table begins without any, at the row at.
func findHeader(head []Row) (at int, labelled bool) {
	counts := make([]int, len(head))
	var sorted []int
	for i, row := range head {
		counts[i], _ = countFilled(row.Cells)
		if !isComment(row.Cells) {
			sorted = append(sorted, counts[i])
		}
	}
	if len(sorted) == 0 { // "#Namn" alone
		sorted = append(sorted, 1)
	}
	if n := len(head) - 1; isEmptyTable(head, counts) {
		return n, true
	}
	slices.Sort(sorted)
	usual := sorted[(len(sorted)-1)*3/4]
	least := usual
	if usual > 2 {
		least = max(2, (usual*6+9)/10)
	}
	for i := range head {
		if counts[i] < least || isComment(head[i].Cells) || isCutComment(head[i:], counts[i:]) {
			continue
		}
		// A line of a title may fill as many cells as labels do. The labels stand in the next row that is wide, and say more of what
		// is below.
		for j := i + 1; j < len(head); j++ {
			if counts[j] < least {
				continue
			}
			above, below := wordsAboveValues(head[i].Cells, head[i+1:]), wordsAboveValues(head[j].Cells, head[j+1:])
			if counts[j] > counts[i] && (below > above || below > 0 && below == above && head[j].behindBlank) && onlyWords(head[j].Cells) && distinct(head[j].Cells[:lastFilled(head[j].Cells)+1]) {
				i = j
			}
			break
		}
		i += titlesAbove(head[i:])
		return i, labelsLike(head[i].Cells, head[i+1:])
	}
	return 0, true
}

// wordsAboveValues counts the words of the row that stand above values of other kinds.
func wordsAboveValues(cells []Cell, below []Row) int {
	n := 0
	for i, c := range cells {
		words, values := 0, 0
		for _, row := range below[:min(len(below), 20)] {
			if i < len(row.Cells) {
				switch row.Cells[i].shape() {
				case number, date, mail, phone:
					values++
				case word, odd:
					words++
				}
			}
		}
		if values > words && c.shape() == word {
			n++
		}
	}
	return n
}

// onlyWords tells whether the filled cells look like labels.
func onlyWords(cells []Cell) bool {
	return !slices.ContainsFunc(cells, func(c Cell) bool { return c.filled() && (c.Kind != Text || c.shape() != word) })
}

// labelsLike weighs whether the row holds labels for the rows below it.
func labelsLike(cells []Cell, below []Row) bool {
	below = below[:min(len(below), 20)]
	labels, values := 0, 0
	certain := false // a word stands above numbers, dates or addresses
	plain := false   // a date or an address stands above nothing but its like
	counting := areNumberLabels(cells, below)
	for i, c := range cells {
		s := c.shape()
		if s == nothing || counting && s != word {
			continue
		}
		same, other, typed, addresses := 0, 0, 0, 0
		for _, row := range below {
			if i >= len(row.Cells) {
				continue
			}
			is := row.Cells[i].shape()
			switch is {
			case nothing:
			case s:
				same++
			default:
				other++
			}
			if isValue(is) {
				typed++
			}
			if strings.Contains(row.Cells[i].Text, "://") {
				addresses++
			}
		}
		switch {
		case isValue(s) && (same >= other || s == mail || s == phone):
			values++ // a value among its like
			plain = plain || s != number && same > 0 && other == 0
		case !isValue(s) && other > same:
			labels++ // a word above values
			certain = certain || s == word && typed > same
		}
		plain = plain || strings.Contains(c.Text, "://") && addresses > 0 && addresses == same+other
	}
	return labels >= values && (certain || !plain)
}

// labels makes the names of the columns out of the header's cells. A label that stands there keeps its name, whatever the names
// that others get to tell them apart.
func labels(cells []Cell, width int) []string {
	columns := make([]string, width)
	taken := make(map[string]bool, width)
	var unnamed []int
	for i := range columns {
		name := ""
		if i < len(cells) {
			name = label(cells[i].Text)
		}
		if name == "" || taken[name] {
			unnamed = append(unnamed, i)
		} else {
			taken[name] = true
		}
		if name == "" {
			name = ColumnName(i)
		}
		columns[i] = name
	}
	last := map[string]int{} // number that a name got last
	for _, i := range unnamed {
		name := columns[i]
		for n := max(2, last[name]); taken[columns[i]]; n++ {
			columns[i] = fmt.Sprintf("%s (%d)", name, n)
			last[name] = n
		}
		taken[columns[i]] = true
	}
	return columns
}

// label trims a header cell and folds blanks and line breaks in it to one blank.
func label(s string) string {
	return strings.Join(strings.FieldsFunc(s, invisible), " ")
}

// width gives how many columns the table has: to the last label, and on to unlabelled columns that belong to it.
func (f *File) width(header []Cell, body []Row) int {
	width := lastFilled(header) + 1
	used := map[int]int{}
	for _, row := range body {
		for i := width; i < len(row.Cells); i++ {
			if row.Cells[i].filled() {
				used[i]++
			}
		}
	}
	last := width
	for i, n := range used {
		// In CSV a row beyond the header's cells may well be a shifted one; in a workbook nothing shifts.
		if f.Format == "csv" && i < len(header) || f.Format != "csv" && n*5 >= len(body) && n > 1 {
			last = max(last, i+1)
		}
	}
	return last
}

func lastFilled(cells []Cell) int {
	for i := len(cells) - 1; i >= 0; i-- {
		if cells[i].filled() {
			return i
		}
	}
	return -1
}

// commonWidth gives the most frequent number of cells; of equals the larger.
func commonWidth(rows []Row) int {
	count := map[int]int{}
	best := 0
	for _, row := range rows {
		count[len(row.Cells)]++
	}
	for width, n := range count {
		if n > count[best] || n == count[best] && width > best {
			best = width
		}
	}
	return best
}

// rowText shows a row that is not read as one.
func rowText(cells []Cell) string {
	var b strings.Builder
	for _, c := range cells {
		if c.filled() {
			if b.Len() > 0 {
				b.WriteString(" | ")
			}
			b.WriteString(c.Text)
		}
		if b.Len() > 256 {
			break
		}
	}
	return fmt.Sprintf("%q", clip(b.String()))
}
