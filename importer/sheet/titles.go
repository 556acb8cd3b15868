package sheet

import (
	"slices"
	"strings"
)

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
