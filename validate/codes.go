package validate

// The codes of findings that Check gives. What stands in Args is said behind each.
const (
	MissingValue     = "missing-value"
	MissingCustomer  = "missing-customer"
	BadCustomer      = "malformed-customer"
	NotAllowed       = "not-allowed" // the allowed values
	NotInteger       = "not-an-integer"
	NotDecimal       = "not-a-decimal"
	AmbiguousNumber  = "ambiguous-number" // as thousands; as decimals; a spelling of the second that has one reading
	NotBoolean       = "not-a-boolean"
	NotDate          = "not-a-date"
	ImpossibleDate   = "impossible-date"
	AmbiguousDate    = "ambiguous-date" // both readings
	TimeOfDay        = "time-of-day"
	FarDate          = "far-date"
	NotEmail         = "not-an-email"
	EmailLetter      = "email-letter" // the letter
	NotPhone         = "not-a-phone"
	LostZero         = "lost-leading-zero"
	LostPlus         = "lost-plus"       // the number as sent
	AmbiguousPhone   = "ambiguous-phone" // both readings
	CellError        = "cell-error"
	NoResult         = "no-result"
	ControlCharacter = "control-character"   // U+0007
	DamagedText      = "damaged-text"        //
	InvisibleRemoved = "invisible-character" // U+202C
	BlankMended      = "unusual-blank"       // U+00A0
	DefaultUsed      = "default-used"        // the default
	CheckFailed      = "check-failed"        // the profile's sentence in Swedish, and in English
)

// The codes of findings that Check makes of the faults of a row and of its mapping.
const (
	ExtraCells       = "extra-cells"
	MissingCells     = "missing-cells"
	OpenQuote        = "open-quote"
	StrayQuote       = "stray-quote"
	OtherDelimiter   = "other-delimiter"
	ExpressionFailed = "expression-failed" // the expression's own error
	UnknownPackage   = "unknown-package"
	UnknownField     = "unknown-field"
)

// The codes that the pipeline gives, from what it knows of other rows and other runs.
const (
	DuplicateInFile  = "duplicate-in-file"   // the earlier row
	SamePersonInFile = "same-person-in-file" // the earlier row
	Duplicate        = "duplicate"           // order number, run, row
	TwinInDoubt      = "twin-in-doubt"       // run, row
	TwinClosed       = "twin-closed"         // run, row
	TwinHeld         = "twin-held"           // run, row
	SamePerson       = "same-person"         // run, row, the fields that differ: none where what was ordered has been erased
	SameOrder        = "same-order"          // run, row
	KnownPerson      = "known-person"        // run, row
	EarlierResult    = "earlier-result"      // what it says: an order number, or a status; run; with a status the request ID
	Unsettled        = "unsettled"           // the time of the copy that the ledger was taken over from
	HiddenRow        = "hidden-row"
	SchemaChanged    = "schema-changed"
	LeftOut          = "left-out" // the rule
	NoOrderTold      = "no-order-told"
	OtherOrder       = "other-order" // customer, package
)
