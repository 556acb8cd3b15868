package report

import (
	"orderimport/importer"
	"orderimport/importer/sheet"
)

// splitCells parts the cells under the header's labels from those beyond them, which a result puts behind its own columns.
func splitCells(row *importer.Row, columns int) (own, extra []sheet.Cell) {
	n := min(len(row.Cells), columns)
	return row.Cells[:n], row.Cells[n:]
}

// noResultText stands in the place of a formula whose result the file did not hold. Left empty, the cell of a result that is
// imported again would say that there is no value, which nobody has said.
const noResultText = "#N/A"

// cellText is the cell as a result shows it where there is only text.
func cellText(c sheet.Cell) string {
	if c.Kind == sheet.NoResult {
		return noResultText
	}
	return c.Text
}
