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

// belowMetadata gives the labels of the long table that small ones describe, as those of a station and its instrument stand above what
// it measured; at where there is none. The small tables have a row or two each, and the labels of the first are unlike any that are
// read here. Those of the long one are not, stand above values, and are not as wide as the first: no rows of that look so.
func belowMetadata(head []Row, at int) int {
	const few, long = 2, 20
	if knownLabels(head[at].Cells) > 0 {
		return at
	}
	for i := at; ; {
		end := i + 1
		for end < len(head) && !head[end].behindBlank {
			end++
		}
		rows := end - i - 1
		if i > at && rows >= long {
			if knownLabels(head[i].Cells) > 0 && lastFilled(head[i].Cells) != lastFilled(head[at].Cells) && wordsAboveValues(head[i].Cells, head[i+1:]) > 0 {
				return i
			}
			return at
		}
		if rows < 1 || rows > few || end == len(head) {
			return at
		}
		labels, below := head[end].Cells, head[end+1:]
		n := lastFilled(labels) + 1
		if n < 2 || !labels[0].filled() || !onlyWords(labels) || !distinct(labels[:n]) || !labelsLike(labels, below[:min(len(below), few)]) {
			return at
		}
		i = end
	}
}

// isEmptyTable tells whether there is nothing but titles and, last, labels: two words at least that always are, and no other values.
func isEmptyTable(head []Row, counts []int) bool {
	n := len(head) - 1
	return n > 0 && n <= 5 && slices.Max(counts[:n]) == 1 && counts[n] == lastFilled(head[n].Cells)+1 &&
		knownLabels(head[n].Cells) >= 2 && onlyWords(head[n].Cells) && distinct(head[n].Cells)
}

// titlesAbove gives how many of the first rows are titles that fill as many cells as the labels below them. Labels of an unknown kind
// may hold dates and stand above words, so it takes a row with several words that are always labels, or a date beside a word that
// begins titles, above words that stand above values.
func titlesAbove(head []Row) int {
	const most = 5
	first := head[0].Cells
	for j := 1; j < min(len(head)-1, most+1); j++ {
		cells := head[j].Cells
		n := lastFilled(cells) + 1
		if filled, _ := countFilled(cells); filled < n || n < 2 || !onlyWords(cells) || !distinct(cells[:n]) {
			continue
		}
		known, below := knownLabels(cells), 0
		for _, row := range head[j+1 : min(len(head), j+20)] {
			below = max(below, knownLabels(row.Cells))
		}
		dated := !onlyWords(first) && !areCounted(first) && beginsTitle(first) && wordsAboveValues(cells, head[j+1:]) > 0
		if below < known && known >= 2+knownLabels(first) || dated && j == 1 && known >= knownLabels(first) {
			return j
		}
	}
	return 0
}

// labelWords are labels of the tables that are read here. No text is taken for a label on account of one alone.
var labelWords = wordSet(`namn|förnamn|efternamn|fullständigt namn|tilltalsnamn|e-post|epost|e-postadress|epostadress|mejl|mejladress|mail|tel|telefon|telefonnr|telefonnummer|
mobil|mobilnr|mobilnummer|mobiltelefon|personnr|personnummer|pnr|födelsedatum|adress|gatuadress|gata|postnr|postnummer|ort|postort|stad|land|avdelning|enhet|kostnadsställe|
anställningsnr|anställningsnummer|anst.nr|anstnr|nr|id|datum|start|startdatum|slutdatum|anställningsdatum|lön|kommentar|befattning|titel|roll|chef|kön|antal|kod|belopp|
företag|kundnr|kundnummer|name|first name|firstname|given name|last name|lastname|surname|full name|email|e-mail|email address|phone|phone number|telephone|mobile|
mobile number|address|street|zip|zip code|zipcode|postal code|postcode|city|country|department|employee id|employee number|employee no|date|start date|end date|salary|
comment|comments|job title|role|manager|gender|company|amount|quantity|code|vorname|nachname|straße|plz|abteilung|navn|fornavn|etternavn|efternavn|nimi|etunimi|sukunimi`)

// titleWords begin the line above a table that says what it is.
var titleWords = wordSet("lista|förteckning|sammanställning|översikt|urval|period|datum|företag|list|overview|selection|date|company")

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Split(strings.ReplaceAll(words, "\n", ""), "|") {
		set[word] = true
	}
	return set
}

// knownLabels counts the cells that are labels wherever they stand.
func knownLabels(cells []Cell) int {
	n := 0
	for _, c := range cells {
		if c.Kind == Text && len(c.Text) < 64 && labelWords[strings.TrimRight(strings.ToLower(label(c.Text)), " *.")] {
			n++
		}
	}
	return n
}

// beginsTitle tells whether the first cell begins as titles do, or names what stands beside it.
func beginsTitle(cells []Cell) bool {
	text := strings.ToLower(label(cells[0].Text))
	word, _, _ := strings.Cut(strings.TrimRight(text, ":"), " ")
	return strings.HasSuffix(text, ":") || titleWords[word] || footWords[word]
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

// isCutComment tells whether the first row is a comment that the delimiter happened to cut, and not labels behind a #: the next
// row, or the first that begins otherwise, holds the labels.
func isCutComment(head []Row, counts []int) bool {
	remark := func(row Row) bool { return strings.HasPrefix(row.Cells[0].Text, "#") && len(row.Cells[0].Text) > 1 }
	if !remark(head[0]) {
		return false
	}
	for i := 1; i < len(head); i++ {
		if remark(head[i]) {
			continue
		}
		apart := counts[i] != counts[0] || strings.HasPrefix(head[0].Cells[0].Text, "# ")
		return apart && i+1 < len(head) && onlyWords(head[i].Cells) && labelsLike(head[i].Cells, head[i+1:])
	}
	return false
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

// areNumberLabels tells whether the numbers of the row are labels: years, or numbers that count, above rows that hold neither. The
// first cell is a word or blank, and no word stands below itself.
func areNumberLabels(cells []Cell, below []Row) bool {
	if len(below) == 0 {
		return false
	}
	if areCounted(cells) && !areCounted(below[0].Cells) || areIndexed(cells, below) {
		return true
	}
	columns := wholeColumns(cells)
	if len(columns) == 0 || columns[0] == 0 {
		return false
	}
	labels := wholeNumbers(cells, columns)
	var rows [][]int
	decimals, filled := 0, 0
	for _, row := range below {
		for i, c := range row.Cells[:min(len(row.Cells), len(cells))] {
			if cells[i].shape() == word && c.Text == cells[i].Text {
				return false
			}
		}
		rows = append(rows, wholeNumbers(row.Cells, columns))
		for _, i := range columns {
			if i < len(row.Cells) && row.Cells[i].filled() {
				filled++
				if strings.ContainsAny(row.Cells[i].Text, ".,") {
					decimals++
				}
			}
		}
	}
	rising := labels[len(labels)-1] >= labels[0]
	for i := 1; i < len(labels); i++ {
		if labels[i] == labels[i-1] || (labels[i] > labels[i-1]) != rising {
			return false
		}
	}
	if areYears(labels) && !slices.ContainsFunc(columns, func(i int) bool { return holdYears(below, i) }) {
		const apart = 10
		switch len(labels) {
		case 1: // it may be an amount
			return knownLabels(cells) > 0
		case 2:
			return max(labels[0], labels[1])-min(labels[0], labels[1]) <= apart
		}
		return true
	}
	again := labels[0] > 1 && slices.ContainsFunc(columns, func(i int) bool {
		return slices.ContainsFunc(below, func(row Row) bool { return i < len(row.Cells) && row.Cells[i].Text == cells[i].Text })
	})
	// Three amounts may rise by a step, too.
	return cells[0].shape() == word && haveStep(labels) && rising && !again && (len(labels) > 3 || knownLabels(cells[:1]) > 0 || 2*decimals > filled) && !slices.ContainsFunc(rows, haveStep)
}

// holdYears tells whether half of the values in a column are years.
func holdYears(rows []Row, column int) bool {
	years, filled := 0, 0
	for _, row := range rows {
		if column >= len(row.Cells) || !row.Cells[column].filled() {
			continue
		}
		filled++
		if n, err := strconv.Atoi(row.Cells[column].Text); err == nil && areYears([]int{n}) {
			years++
		}
	}
	return years > 0 && 2*years >= filled
}

// wholeColumns gives the columns that hold whole numbers, none where another column holds anything but a word.
func wholeColumns(cells []Cell) []int {
	var columns []int
	for i, c := range cells {
		if s := c.shape(); s == word || s == nothing {
			continue
		}
		if _, err := strconv.Atoi(c.Text); err != nil {
			return nil
		}
		columns = append(columns, i)
	}
	return columns
}

// wholeNumbers gives the numbers in these columns, nil where one of them holds none.
func wholeNumbers(cells []Cell, columns []int) []int {
	numbers := make([]int, len(columns))
	for i, column := range columns {
		if column >= len(cells) {
			return nil
		}
		n, err := strconv.Atoi(cells[column].Text)
		if err != nil {
			return nil
		}
		numbers[i] = n
	}
	return numbers
}

func areYears(numbers []int) bool {
	return len(numbers) > 0 && !slices.ContainsFunc(numbers, func(n int) bool { return n < 1900 || n > 2100 })
}

// haveStep tells whether there are three numbers at least that all have the same distance.
func haveStep(numbers []int) bool {
	for i := 2; i < len(numbers); i++ {
		if numbers[i]-numbers[i-1] != numbers[1]-numbers[0] {
			return false
		}
	}
	return len(numbers) > 2
}

// areIndexed tells whether the labels are the numbers from 0 or 1 on, as programs label columns without names, perhaps behind a
// blank corner above the labels of the rows.
func areIndexed(cells []Cell, below []Row) bool {
	n := lastFilled(cells) + 1
	corner := 0
	if n > 0 && !cells[0].filled() {
		corner = 1
	}
	if n < 3 || cells[corner].Text != "0" && cells[corner].Text != "1" {
		return false
	}
	from, _ := strconv.Atoi(cells[corner].Text)
	for i, c := range cells[corner:n] {
		if c.Text != strconv.Itoa(from+i) {
			return false
		}
	}
	if corner > 0 {
		return !slices.ContainsFunc(below, func(row Row) bool { return len(row.Cells) == 0 || !row.Cells[0].filled() })
	}
	columns := wholeColumns(cells[:n])
	next := wholeNumbers(below[0].Cells, columns)
	if next != nil && haveStep(next) && next[1] == next[0]+1 || below[0].Cells[0].Text == strconv.Itoa(from+1) {
		return false // the counting goes on, to the right or downwards
	}
	// The answers to questions are such numbers in all rows.
	return slices.ContainsFunc(below, func(row Row) bool {
		numbers := wholeNumbers(row.Cells, columns)
		return numbers == nil || slices.Min(numbers) < 0 || slices.Max(numbers) > n
	})
}

// areCounted tells whether the cells behind a word are years or months that follow each other, as labels may.
func areCounted(cells []Cell) bool {
	n, last := 0, 0
	for _, c := range cells {
		if s := c.shape(); s == word || s == nothing {
			continue
		}
		number, err := strconv.Atoi(strings.ReplaceAll(c.Text, "-", ""))
		if err != nil || number < 1900 || n > 0 && number != last+1 {
			return false
		}
		n, last = n+1, number
	}
	return n > 2 && cells[0].shape() == word
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
