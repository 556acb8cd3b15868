package damage

// The codes of damage. Those whose verdict is Mended say so in their name or sentence.
const (
	GarbledText    = "garbled-text" // the text
	TextMark       = "text-mark"    // the text without it
	LostLetters    = "lost-letters"
	ScientificForm = "scientific-form"
	NumberExpanded = "expanded-number" // the number
	RoundedNumber  = "rounded-number"
	FloatTail      = "decimal-tail"
	TailRemoved    = "removed-tail" // the number
	CodeAsDate     = "code-as-date"
	ZeroDate       = "zero-date"
	DateOrder      = "date-order" // the date
	SwappedDate    = "swapped-date"
	ShortNumber    = "short-number"
	ZerosRestored  = "restored-zero" // the number
	MissingPlus    = "missing-plus"
	PlusRestored   = "restored-plus" // the number
)
