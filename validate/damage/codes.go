package damage

// The codes of damage, with the verdicts they come with.
const (
	GarbledText    = "garbled-text"    // Ã…sa, √Ösa, ├àsa. Mended
	LostLetters    = "lost-letters"    // Bj?rn. Suspicious
	TextMark       = "text-mark"       // '00417 and ="00417". Mended
	ScientificForm = "scientific-form" // 4,67012E+10, whose other digits are gone. Wrong; Suspicious where it may be a name, 3E-12
	NumberExpanded = "expanded-number" // 4,6701234567E+10, whose digits are all there. Mended
	RoundedNumber  = "rounded-number"  // zeros from the 16th digit on. Wrong in a number cell; in text, where the column's others have them too
	FloatTail      = "decimal-tail"    // a phone number with .0 behind it. Wrong
	TailRemoved    = "removed-tail"    // the same where the whole column has it. Mended
	CodeAsDate     = "code-as-date"    // a date where the field takes none, or among codes: Wrong; a text date among words: Suspicious
	ZeroDate       = "zero-date"       // a day of 1900, or the first of 1904: an empty cell or a small number. Wrong
	DateOrder      = "date-order"      // 3/2/2026 in a column whose clear dates all have one order. Mended
	SwappedDate    = "swapped-date"    // a date whose day and month a program took for each other. Wrong or Suspicious
	ShortNumber    = "short-number"    // a text of fewer digits than the others, which begin with zeros. Suspicious
	ZerosRestored  = "restored-zero"   // the same in a number cell, and mobile numbers. Mended
	MissingPlus    = "missing-plus"    // a text of digits among numbers with a plus. Suspicious
	PlusRestored   = "restored-plus"   // the same in a number cell. Mended
)
