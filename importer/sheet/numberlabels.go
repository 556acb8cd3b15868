package sheet

import (
	"slices"
	"strconv"
	"strings"
)

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
