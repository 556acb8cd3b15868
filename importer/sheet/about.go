package sheet

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
)

// sheetAbout is what a sheet says besides its rows. It is whole only after the last row.
type sheetAbout struct {
	hidden    []columnRange // columns
	merged    []area
	noResults int    // formulas whose result the file does not hold
	noResult  string // the first of them
}

// columnRange is a range of 0-based columns, both ends included.
type columnRange struct{ from, to int }

// area is a rectangle of cells, both ends included: 0-based columns and 1-based rows.
type area struct {
	columnRange
	top, bottom int
}

func (a area) String() string {
	return fmt.Sprintf("%s%d:%s%d", ColumnName(a.from), a.top, ColumnName(a.to), a.bottom)
}

// tell notes what a person would see in the sheet and a reader of its rows would not.
func (s *sheetAbout) tell(f *File) {
	if len(s.hidden) > 0 {
		var names []string
		for _, c := range s.hidden {
			if c.from < len(f.Columns) {
				names = append(names, ColumnName(c.from))
				if c.to = min(c.to, len(f.Columns)-1); c.to > c.from {
					names[len(names)-1] += "–" + ColumnName(c.to)
				}
			}
		}
		if len(names) > 0 {
			f.note("hidden-columns", 0, strings.Join(names, ", "))
		}
	}
	for _, a := range s.merged {
		if a.top >= f.first && (a.bottom > a.top || a.to > a.from) {
			f.note("merged-cells", a.top, a.String())
		}
	}
	if s.noResults > 0 {
		f.note("no-result", 0, strconv.Itoa(s.noResults), s.noResult)
	}
}

// readColumns takes note of columns that are not shown.
func (r *sheetRows) readColumns() error {
	hidden, err := r.x.attribute("hidden")
	if err != nil || !isTrue(hidden) {
		return err
	}
	from, err := r.x.number("min")
	if err != nil {
		return err
	}
	to, err := r.x.number("max")
	if err != nil {
		return err
	}
	if from < 1 || to < from || to > maxColumns {
		return r.x.damaged("the columns %d to %d are none of a sheet", from, to)
	}
	if r.about.hidden = append(r.about.hidden, columnRange{from - 1, to - 1}); len(r.about.hidden) > maxColumns {
		return r.x.damaged("more than %d columns", maxColumns)
	}
	return nil
}

// maxMerged bounds the merged areas that are remembered; they matter in the header, and for a note.
const maxMerged = 10_000

// takeMerged takes note of cells that are merged.
func (r *sheetRows) takeMerged() error {
	ref, err := r.x.attribute("ref")
	if err != nil || len(r.about.merged) == maxMerged {
		return err
	}
	a, ok := parseArea(ref)
	if !ok {
		return r.x.damaged("%q are no cells that can be merged", clip(ref))
	}
	r.about.merged = append(r.about.merged, a)
	return nil
}

// parseArea reads a reference like "A1:C2", or one to a single cell.
func parseArea(ref string) (area, bool) {
	first, last, two := strings.Cut(ref, ":")
	if !two {
		last = first
	}
	from, top, ok := parseReference([]byte(first))
	to, bottom, ok2 := parseReference([]byte(last))
	return area{columnRange{from, to}, top, bottom}, ok && ok2 && from <= to && top <= bottom
}

// mergedIn reads the sheet to its end for the merged cells, which stand behind the rows.
func (w *workbook) mergedIn(s sheetPart) ([]area, error) {
	r, err := w.openSheet(s)
	if err != nil {
		return nil, err
	}
	defer r.close()
	if err = r.begin(); err == nil {
		if err = r.x.skip(); err == nil {
			err = r.finish()
		}
	}
	if err != io.EOF {
		return nil, w.broken(s.part, err)
	}
	return r.about.merged, nil
}

// readMerged reads rows to their end for the merged cells that turn up on the way.
func readMerged(raw rawRows, merged *[]area) ([]area, error) {
	defer raw.close()
	var row Row
	for {
		if err := raw.read(&row); err == io.EOF {
			return *merged, nil
		} else if err != nil {
			return nil, err
		}
	}
}

// joinMerged makes one row of labels of those that merged cells spread over several columns and lines: groups like "Adress" stand
// above "Gata" and "Ort". at is one of the lines, or the only one unless more are searched for; from and to are the first and the
// last then, and the labels are in head[to]. The merged cells are asked for only where a label is missing or the row above looks like groups: that takes a reading of the sheet.
func (f *File) joinMerged(head []Row, at int, more bool) (from, to int, err error) {
	width := f.width(head[at].Cells, head[at+1:])
	var merged []area
	switch {
	case f.merged == nil:
		merged = impliedAreas(head, at)
	case lacksLabel(head[at].Cells, width) || couldBeGroups(head, at):
		if merged, err = f.merged(); err != nil {
			return 0, 0, err
		}
	}
	if len(merged) == 0 {
		return at, at, nil
	}
	from, to = at, at
	for more && hasLabelsBelow(head, to, merged) {
		to++
	}
	for more && couldBeGroups(head, from) && isGrouped(head[from-1].Number, width, merged) {
		from--
	}
	labels := make([]Cell, width)
	for i := from; i <= to; i++ {
		for j, c := range spread(head, i, merged) {
			for len(labels) <= j {
				labels = append(labels, Cell{})
			}
			switch {
			case !c.filled():
			case !labels[j].filled():
				labels[j] = c
			case i > from && c.Text != labels[j].Text:
				labels[j].Text += " " + c.Text
			}
		}
	}
	head[to].Cells = labels
	return from, to, nil
}

// impliedAreas gives the merged cells that a text file shows by its blanks alone, where nothing else can be meant: labels over two
// lines of which each column has one ("Namn;Adress;;Tel" above ";Gata;Ort;"), and groups above labels that are there twice.
func impliedAreas(head []Row, at int) []area {
	if at+2 < len(head) && head[at+1].Number == head[at].Number+1 {
		if areas := columnsOfTwo(head[at], head[at+1]); areas != nil && fillBlanks(areas, head[at+2]) {
			return areas
		}
	}
	if !couldBeGroups(head, at) {
		return nil
	}
	seen, twice := map[string]bool{}, false
	for _, c := range head[at].Cells {
		twice = twice || c.filled() && seen[c.Text]
		seen[c.Text] = true
	}
	if !twice {
		return nil
	}
	return groups(head[at-1], len(head[at].Cells))
}

// groups takes each label of the row for that of the blank columns behind it too, up to width columns.
func groups(row Row, width int) []area {
	var areas []area
	for j, c := range row.Cells {
		switch {
		case c.filled() && c.shape() != word:
			return nil
		case c.filled():
			areas = append(areas, area{columnRange{j, j}, row.Number, row.Number})
		case len(areas) > 0:
			areas[len(areas)-1].to = j
		}
	}
	if len(areas) > 0 {
		areas[len(areas)-1].to = max(areas[len(areas)-1].to, width-1)
	}
	return areas
}

// columnsOfTwo gives the areas of two lines of labels: those of groups, and those that reach down into a blank of the second line;
// nil where a column has no label, or one in both lines that is in no group.
func columnsOfTwo(first, second Row) []area {
	areas := groups(first, len(second.Cells))
	wide := false
	for i := range areas {
		a := &areas[i]
		filled := 0
		for j := a.from; j <= a.to; j++ {
			if j < len(second.Cells) && second.Cells[j].filled() {
				filled++
			}
		}
		switch {
		case a.from == a.to && filled == 0:
			a.bottom = second.Number
		case a.from == a.to, filled <= a.to-a.from:
			return nil
		default:
			wide = true
		}
	}
	if !wide || len(areas) < 2 || !first.Cells[0].filled() {
		return nil
	}
	return areas
}

// fillBlanks tells whether the first row of values has one in a column that the second line of labels leaves blank: else that
// line may be such a row itself.
func fillBlanks(areas []area, row Row) bool {
	return slices.ContainsFunc(areas, func(a area) bool {
		return a.bottom > a.top && a.from < len(row.Cells) && row.Cells[a.from].filled()
	})
}

// hasLabelsBelow tells whether the row at is one of groups, whose labels stand in the next row: each of its own labels is merged
// over several columns, or down into that row, and the columns of the groups have words there, all different.
func hasLabelsBelow(head []Row, at int, merged []area) bool {
	row := head[at]
	if at+2 >= len(head) || head[at+1].Number != row.Number+1 {
		return false
	}
	below := head[at+1].Cells
	seen := map[string]bool{}
	for i, c := range row.Cells {
		if !c.filled() {
			continue
		}
		n := slices.IndexFunc(merged, func(a area) bool { return a.top == row.Number && a.from == i })
		switch {
		case n < 0:
			return false
		case merged[n].bottom > row.Number:
			continue
		}
		for j := i; j <= merged[n].to; j++ {
			if j >= len(below) || below[j].shape() != word || seen[below[j].Text] {
				return false
			}
			seen[below[j].Text] = true
		}
	}
	return len(seen) > 1 && labelsLike(below, head[at+2:])
}

// groupsAbove tells whether the row above that at, which holds values, has labels that are merged over several columns each: too
// few cells to look like labels.
func (f *File) groupsAbove(head []Row, at int) (bool, error) {
	if f.merged == nil || !couldBeGroups(head, at) {
		return false, nil
	}
	merged, err := f.merged()
	return err == nil && isGrouped(head[at-1].Number, lastFilled(head[at].Cells)+1, merged), err
}

// lacksLabel tells whether one of the columns has no label.
func lacksLabel(labels []Cell, width int) bool {
	n, _ := countFilled(labels)
	return n < width
}

// couldBeGroups tells whether the row above that at stands right above it and is no title, which is one cell in front.
func couldBeGroups(head []Row, at int) bool {
	if at < 1 || head[at-1].Number != head[at].Number-1 {
		return false
	}
	n, first := countFilled(head[at-1].Cells)
	return n > 1 || first > 0
}

// isGrouped tells whether cells of the row are merged over some columns of a table of this width, not over all.
func isGrouped(row, width int, merged []area) bool {
	for _, a := range merged {
		if a.top == row && a.bottom == row && a.to > a.from && a.to-a.from+1 < width {
			return true
		}
	}
	return false
}

// spread gives the cells of the row at with the text of merged cells in all that they cover.
func spread(head []Row, at int, merged []area) []Cell {
	cells := slices.Clone(head[at].Cells)
	for _, a := range merged {
		if a.top > head[at].Number || a.bottom < head[at].Number {
			continue
		}
		var text Cell
		for _, above := range head[:at+1] {
			if above.Number == a.top && a.from < len(above.Cells) {
				text = above.Cells[a.from]
			}
		}
		for i := a.from; text.filled() && i <= a.to; i++ {
			for len(cells) <= i {
				cells = append(cells, Cell{})
			}
			if !cells[i].filled() {
				cells[i] = text
			}
		}
	}
	return cells
}

// tableOf gives the one table that Excel knows in the sheet; there may be none.
func (w *workbook) tableOf(s sheetPart) (tablePart, error) {
	dir, base := path.Split(s.part)
	part := dir + "_rels/" + base + ".rels"
	if !w.has(part) {
		return tablePart{}, nil
	}
	related, err := w.relations(part, dir)
	if err != nil {
		return tablePart{}, err
	}
	var found tablePart
	for _, r := range related {
		if !r.is("table") || r.external {
			continue
		}
		if found.bottom > 0 {
			return tablePart{}, nil // which of several is meant, the content has to tell
		}
		if err := w.scan(r.target, found.read); err != nil {
			return tablePart{}, err
		}
	}
	return found, nil
}

// tablePart is a table as Excel knows it, with its row of labels and that of its totals, 0 where it has none.
type tablePart struct {
	area
	header, totals int
}

func (t *tablePart) read(x *xmlScanner) error {
	for {
		tok, err := x.next()
		if err != nil || tok == endOfPart {
			return err
		}
		if tok != startTag || string(x.name) != "table" {
			continue
		}
		ref, err := x.attribute("ref")
		if err != nil {
			return err
		}
		var ok bool
		if t.area, ok = parseArea(ref); !ok {
			return x.damaged("the table's cells are %q", clip(ref))
		}
		headers, err := x.attribute("headerRowCount")
		if err != nil {
			return err
		}
		if headers != "0" {
			t.header = t.top
		}
		totals, err := x.number("totalsRowCount")
		if err != nil {
			return err
		}
		if totals > 0 {
			t.totals = t.bottom
		}
	}
}
