package sheet

// delimiters are tried in this order, which also decides a tie.
var delimiters = []byte{';', ',', '\t', '|'}

// findDelimiter cuts the beginning of the text with each delimiter and takes the one whose table is the most regular and whose
// cells look the most like values: the measure of CleverCSV (van den Burg, Nazábal, Sutton 2019), "data consistency", the sum
// over the widths L of N·(L-1)/L divided by their number, times the share of cells of a known type. A decimal comma makes "," regular too;
// it is the type of the cells that tells then.
func findDelimiter(head []byte, whole bool, quote byte) byte {
	best, bestScore := delimiters[0], 0.0
	for _, delimiter := range delimiters {
		if s := regularity(head, whole, newDialect(delimiter, quote)); s > bestScore*(1+1e-9) {
			best, bestScore = delimiter, s
		}
	}
	return best
}

func regularity(head []byte, whole bool, d *dialect) float64 {
	const enough = 200
	var (
		rec          record
		widths       = map[int]int{}
		cells, typed int
		records      int
	)
	for len(head) > 0 && records < enough {
		n, ok := d.cut(head, whole, &rec)
		if !ok {
			if records > 0 {
				break
			}
			n, _ = d.cut(head, true, &rec)
		}
		blank := true
		for i, f := range rec.fields {
			shape := shapeOf(string(head[f.start:min(f.end, f.start+256)]))
			for _, fault := range rec.faults {
				if fault.Column == i {
					shape = odd
				}
			}
			blank = blank && shape == nothing
			cells++
			if shape != odd {
				typed++
			}
		}
		head = head[n:]
		if !blank {
			widths[len(rec.fields)]++
			records++
		} else {
			cells -= len(rec.fields)
			typed -= len(rec.fields)
		}
	}
	if cells == 0 {
		return 0
	}
	var sum float64
	for width, n := range widths {
		sum += float64(n) * max(1e-3, float64(width-1)) / float64(width)
	}
	return sum / float64(len(widths)) * float64(typed) / float64(cells)
}
