package mapping

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"

	"orderimport/importer/connect"
	"orderimport/importer/sheet"
)

// Target is one thing that a column can be mapped to: a field of the schema, or the order's own customerNumber and
// predefinedPackageID.
type Target struct {
	Field  string  // as `map --format json` names it
	Column string  // label; "" where none
	Score  float64 // 0 to 1
	Reason string  // "name", "synonym", "spelling", "content", "constant", "default" (the schema's), "none", "open"
}

// Question is a field for which the columns leave a choice, or a required field without any.
type Question struct {
	Field      string
	Candidates []string // labels, the best first; empty where no column comes near
}

// Proposal is what Suggest found.
type Proposal struct {
	Columns []string          // every label, in order
	Mapping map[string]string // label to field; a label that is not in it is not used
	Targets []Target          // customerNumber, predefinedPackageID, then the schema's fields in its order
	Open    []Question
	Profile *Profile // fit for Bind where Open is empty
	remark  string   // the last line of YAML, "" for none
}

// YAML is the profile as `map` writes it. An open question stands where its answer belongs, as {choose: [labels]}: ParseProfile
// refuses it until a person has chosen, so that no field is lost in silence. Only a customer number without any column is left to
// the --customer flag, and told in a comment.
func (p *Proposal) YAML() []byte {
	text := p.Profile.YAML()
	if p.remark != "" {
		text = append(text, "# "+oneLine(p.remark)+"\n"...)
	}
	return text
}

// Translate has the comments of YAML, which are English, said in other words.
func (p *Proposal) Translate(say func(english string) string) {
	for i := range p.Profile.Fields {
		p.Profile.Fields[i].Comment = say(p.Profile.Fields[i].Comment)
	}
	p.remark = say(p.remark)
}

// The scores of a match. Two candidates within closeness are a tie.
const (
	byName     = 1.0
	bySynonym  = 0.95
	byFolding  = 0.9 // as one of the two above, but only without accents
	bySpelling = 0.8
	byContent  = 0.75
	confirmed  = 0.03 // content says so too
	denied     = 0.3  // content speaks against it
	closeness  = 0.1
	acceptable = 0.55 // a misspelt label over the wrong content is not enough
)

// candidate is one column that may feed one target.
type candidate struct {
	column int
	score  float64
	reason string
}

// target is a field while it looks for its column.
type target struct {
	item       connect.OrderDataItem
	candidates []candidate // the best first
	weak       []int       // columns that come near, but not near enough
	chosen     int         // column, -1
}

// Suggest matches columns with the fields of schema by name, synonym, spelling and content (samples: a few rows).
// customer is the constant customer number, or "". One column serves one field.
func Suggest(labels []string, samples [][]sheet.Cell, schema *connect.OrderSchema, customer string) *Proposal {
	return suggest(labels, samples, schema, customer, false)
}

// suggest is Suggest; byRow takes the package from a column that says it, also where that is not the schema's.
func suggest(labels []string, samples [][]sheet.Cell, schema *connect.OrderSchema, customer string, byRow bool) *Proposal {
	targets := []*target{
		{item: connect.OrderDataItem{Name: customerField, Required: true}, chosen: -1},
		{item: connect.OrderDataItem{Name: packageField}, chosen: -1},
	}
	for _, item := range schema.Data {
		targets = append(targets, &target{item: item, chosen: -1})
	}
	added := resultColumns(labels)
	for i, t := range targets {
		if i == 0 && customer != "" {
			continue
		}
		for column, label := range labels {
			if added[column] {
				continue
			}
			if c, ok := match(&t.item, label, samplesOf(samples, column)); ok {
				c.column = column
				t.candidates = append(t.candidates, c)
			}
		}
		slices.SortStableFunc(t.candidates, func(a, b candidate) int { return compareScores(b.score, a.score) })
	}
	p := &Proposal{Columns: labels, Mapping: map[string]string{}}
	ties := assign(targets)
	p.fill(targets, ties, samples, schema, customer, byRow)
	return p
}

func compareScores(a, b float64) int {
	switch {
	case a < b-1e-9:
		return -1
	case a > b+1e-9:
		return 1
	}
	return 0
}

// match says how well a column suits a field.
func match(item *connect.OrderDataItem, label string, sample []string) (candidate, bool) {
	c := candidate{}
	c.score, c.reason = matchName(item, label)
	agree := agreement(item, sample)
	if c.score == 0 {
		// Allowed values are the one content that names its field. A column whose label says what it is stays what it is.
		if conceptOf(label) == nil && agree == yesByValues {
			return candidate{score: byContent, reason: "content"}, true
		}
		return c, false
	}
	switch agree {
	case yes, yesByValues:
		c.score = math.Min(1, c.score+confirmed)
	case no:
		c.score -= denied
	}
	return c, true
}

func matchName(item *connect.OrderDataItem, label string) (float64, string) {
	if compact(label) == "" {
		return 0, ""
	}
	field := conceptOf(item.Name)
	theirs := conceptOf(label)
	for _, s := range readings(label) {
		if compact(s) == compact(item.Name) {
			return byName, "name"
		}
	}
	if folded(label) == folded(item.Name) {
		return byFolding, "name"
	}
	if theirs != nil {
		if theirs != field {
			return 0, "" // the label is known, and is something else
		}
		if words().exact[compact(label)] == nil && slices.ContainsFunc(readings(label), func(s string) bool { return words().exact[compact(s)] != nil }) {
			return bySynonym - 0.02, "synonym"
		}
		if words().exact[compact(label)] == nil {
			return byFolding, "synonym"
		}
		return bySynonym, "synonym"
	}
	names := []string{item.Name}
	if field != nil {
		names = append(names, field.words...)
	}
	mine := folded(label)
	for _, name := range names {
		other := folded(name)
		limit := spellingLimit(min(len(mine), len(other)))
		if d := levenshtein.ComputeDistance(mine, other); d <= limit {
			return bySpelling, "spelling"
		}
	}
	return 0, ""
}

// readings are the spellings under which a label is looked up: as it is, without what stands in brackets, without a number
// at its end.
func readings(label string) []string {
	list := []string{label}
	if open := strings.IndexAny(label, "(["); open > 0 {
		list = append(list, label[:open])
	}
	if short := strings.TrimRight(label, "0123456789"); short != label && short != "" {
		list = append(list, short)
	}
	return list
}

// opinion is what the content of a column says about a field.
type opinion uint8

const (
	noWord opinion = iota
	yes
	yesByValues
	no
)

// enough is the part of the samples that must speak for a field; under few of them speak at all, the column is another's.
const (
	enough = 0.8
	few    = 0.2
)

func agreement(item *connect.OrderDataItem, sample []string) opinion {
	if len(sample) == 0 {
		return noWord
	}
	share := func(like func(string) bool) float64 {
		n := 0
		for _, s := range sample {
			if like(s) {
				n++
			}
		}
		return float64(n) / float64(len(sample))
	}
	verdict := func(like func(string) bool) opinion {
		switch s := share(like); {
		case s >= enough:
			return yes
		case s <= few:
			return no
		}
		return noWord
	}
	if len(item.AllowedValues) > 0 {
		allowed := map[string]bool{}
		names := 0
		for _, v := range item.AllowedValues {
			allowed[loose(v)] = true
			if strings.Trim(v, "0123456789.,- ") != "" {
				names++
			}
		}
		s := share(func(s string) bool { return allowed[loose(s)] })
		distinct := map[string]bool{}
		for _, s := range sample {
			distinct[loose(s)] = true
		}
		// 5, 20 and 50 may be anything; words that the API itself uses are not there by chance.
		if s >= enough && names == len(item.AllowedValues) && names > 1 && len(sample) >= 3 && len(distinct) > 1 {
			return yesByValues
		}
		if s >= enough {
			return yes
		}
		return noWord // a value map may be missing
	}
	if item.Name == packageField || item.Name == customerField {
		return noWord
	}
	switch contentOf(item) {
	case "email":
		return verdict(func(s string) bool { return strings.Count(s, "@") == 1 })
	case "date":
		return verdict(likeDate)
	case "phone":
		return verdict(likePhone)
	}
	return noWord
}

// contentOf is the kind of content that can be told by looking: "email", "date", "phone" or "".
func contentOf(item *connect.OrderDataItem) string {
	switch kind := fieldKind(item); {
	case kind == kindEmail, kind == kindPhone:
		return kind
	case strings.Contains(compact(item.Type), "date"):
		return "date"
	}
	return ""
}

func likeDate(s string) bool {
	s, _, _ = strings.Cut(s, " ")
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
	return len(digits) >= 4 && len(digits) <= 8 && strings.Trim(s, "0123456789-/.") == ""
}

func likePhone(s string) bool {
	digits := 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case !strings.ContainsRune("+-() \u00a0/.", r):
			return false
		}
	}
	return digits >= 6 && digits <= 15
}

// samplesOf are the values of one column.
func samplesOf(samples [][]sheet.Cell, column int) []string {
	var values []string
	for _, row := range samples {
		if column < len(row) && !damaged(row[column].Kind) {
			if text := Trim(row[column].Text); text != "" {
				values = append(values, text)
			}
		}
	}
	return values
}

// assign gives each target its column and returns, for those that leave a choice, the columns to choose from. A candidate
// that is clearly better for another target is no choice.
func assign(targets []*target) map[*target][]int {
	best := map[int]float64{} // column: the best score that any target has for it
	named := map[int]bool{}   // column: it bears the name of a field, and is not there for another
	for _, t := range targets {
		for _, c := range t.candidates {
			best[c.column] = math.Max(best[c.column], c.score)
			named[c.column] = named[c.column] || c.reason == "name"
		}
	}
	ties := map[*target][]int{}
	rivals := map[int][]*target{}
	for _, t := range targets {
		t.candidates = slices.DeleteFunc(t.candidates, func(c candidate) bool {
			if c.score < best[c.column]-closeness || (named[c.column] && c.reason != "name") {
				return true
			}
			if c.score < acceptable {
				t.weak = append(t.weak, c.column)
			}
			return c.score < acceptable
		})
		for i, c := range t.candidates {
			if c.score < t.candidates[0].score-closeness+1e-9 {
				break
			}
			if i > 0 {
				ties[t] = columnsOf(t.candidates[:i+1])
			}
			rivals[c.column] = append(rivals[c.column], t)
		}
	}
	for column, wanting := range rivals {
		if len(wanting) < 2 {
			continue
		}
		for _, t := range wanting {
			if ties[t] == nil {
				ties[t] = []int{column}
			}
		}
	}
	for _, t := range targets {
		if ties[t] == nil && len(t.candidates) > 0 {
			t.chosen = t.candidates[0].column
		}
	}
	return ties
}

func columnsOf(candidates []candidate) []int {
	list := make([]int, len(candidates))
	for i, c := range candidates {
		list[i] = c.column
	}
	return list
}

// fill writes the proposal from what assign has found.
func (p *Proposal) fill(targets []*target, ties map[*target][]int, samples [][]sheet.Cell, schema *connect.OrderSchema, customer string, byRow bool) {
	profile := &Profile{Version: 1, Package: Source{Value: strconv.FormatInt(schema.PredefinedPackageID, 10)}}
	p.Profile = profile
	used := map[int]bool{}
	for i, t := range targets {
		name := t.item.Name
		out := Target{Field: name, Reason: "none"}
		ask := func(columns []int) {
			q := Question{Field: name}
			for _, c := range columns {
				q.Candidates = append(q.Candidates, p.Columns[c])
			}
			p.Open = append(p.Open, q)
			out.Reason = "open"
			choice := Source{Choose: append([]string{}, q.Candidates...)}
			switch {
			case i == 0 && len(columns) == 0: // the flag's
				p.remark = "open: give the customer number with --customer, or here as customer"
			case i == 0:
				profile.Customer = choice
			case i == 1:
				profile.Package = choice
			default:
				profile.Fields = append(profile.Fields, Field{Name: name, Source: choice, Comment: openComment[len(columns) > 0]})
			}
		}
		take := func() {
			c := t.candidates[0]
			out.Column, out.Score, out.Reason = p.Columns[c.column], math.Round(c.score*100)/100, c.reason
			p.Mapping[out.Column] = name
			used[c.column] = true
		}
		switch {
		case i == 0 && customer != "":
			profile.Customer = Source{Value: customer}
			out.Score, out.Reason = 1, "constant"
		case i == 1:
			// Where the package was chosen for the whole file, a column that says otherwise is a question, not to be overruled.
			switch choice := packageColumn(t, ties[t], samples, schema); {
			case choice == sameAsColumn, choice == notAsColumn && byRow && ties[t] == nil:
				take()
				profile.Package = Source{Column: []string{out.Column}}
			case choice == notAsColumn && ties[t] == nil:
				ask([]int{t.chosen})
			case choice == notAsColumn:
				ask(ties[t])
			default:
				out.Score, out.Reason = 1, "constant"
			}
		case ties[t] != nil:
			ask(ties[t])
		case t.chosen >= 0:
			take()
			if i == 0 {
				profile.Customer = Source{Column: []string{out.Column}}
			} else {
				profile.Fields = append(profile.Fields, Field{Name: name, Source: Source{Column: []string{out.Column}}, Comment: comment(out)})
			}
		case t.item.Required && t.item.DefaultValue == "":
			ask(t.weak)
		case t.item.DefaultValue != "":
			out.Reason = "default"
		}
		p.Targets = append(p.Targets, out)
	}
	for column, label := range p.Columns {
		if !used[column] && kindOf(label) == kindEmployee {
			profile.Key = []string{label}
			break
		}
	}
}

// openComment stands beside an open question; its key tells whether there are columns to choose from.
var openComment = map[bool]string{true: "open: write the right one here, alone", false: "open: no column fits"}

// The ways in which a package column relates to the package that was chosen.
const (
	noColumn = iota
	sameAsColumn
	notAsColumn
)

func packageColumn(t *target, tie []int, samples [][]sheet.Cell, schema *connect.OrderSchema) int {
	if len(tie) > 0 {
		return notAsColumn
	}
	if t.chosen < 0 {
		return noColumn
	}
	values := samplesOf(samples, t.chosen)
	for _, v := range values {
		if v != strconv.FormatInt(schema.PredefinedPackageID, 10) && loose(v) != loose(schema.Name) {
			return notAsColumn
		}
	}
	if len(values) == 0 {
		return noColumn
	}
	return sameAsColumn
}

func comment(t Target) string {
	how := map[string]string{
		"name":     "the same name",
		"synonym":  "another word for it",
		"spelling": "spelt much like it: look twice",
		"content":  "by its values: look twice",
	}[t.Reason]
	return fmt.Sprintf("%s (%.2f)", how, t.Score)
}
