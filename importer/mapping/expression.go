package mapping

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/vm"
)

// The bounds of an expression. They keep a careless profile from eating the machine: without loops inside loops, variables
// and functions that make long texts of short ones, time and memory follow from the length of the cells.
const (
	maxSource = 4 << 10 // bytes of source
	maxNodes  = 100     // nodes of the parsed expression
	maxCell   = 1000    // characters of a cell that an expression reads
	maxText   = 4000    // bytes of what replace and join make
)

// functions are the only ones an expression may call, beside replace and join below. None of them knows the clock, the
// host or an order that changes from run to run: the same row always gives the same value.
var functions = []string{
	"abs", "all", "any", "ceil", "count", "filter", "find", "first", "float", "floor", "hasPrefix", "hasSuffix", "indexOf",
	"int", "last", "lastIndexOf", "len", "lower", "map", "max", "min", "none", "one", "round", "split", "string", "trim",
	"trimPrefix", "trimSuffix", "upper",
}

// expression is a compiled one. Its row is cellsOfRow, in which only used has to be filled.
type expression struct {
	source  string
	program *vm.Program
	used    []int // columns, ascending
}

// cellsOfRow is what an expression sees: row["Label"] becomes cells[column] when it is compiled, which needs no map per row.
type cellsOfRow struct {
	Cells []string `expr:"cells"`
}

// compileExpression compiles source for a file with these columns. Labels that are not there are *BindError without a place.
func compileExpression(source string, columns *columns, condition bool) (*expression, error) {
	refused := func(hint string) error { return &BindError{What: "expression", Name: source, Hint: hint} }
	if len(source) > maxSource {
		return nil, &BindError{What: "expression", Name: source[:40] + "…", Hint: fmt.Sprintf("shorten it to at most %d bytes", maxSource)}
	}
	labels := &labelPatcher{columns: columns}
	options := []expr.Option{
		expr.Env(cellsOfRow{}), expr.MaxNodes(maxNodes), expr.Patch(labels), expr.DisableAllBuiltins(),
		expr.Function("replace", replaceText, new(func(string, string, string) string)),
		expr.Function("join", joinText, new(func([]any, string) string), new(func([]any) string), new(func([]string, string) string), new(func([]string) string)),
	}
	for _, name := range functions {
		options = append(options, expr.EnableBuiltin(name))
	}
	if condition {
		options = append(options, expr.AsBool())
	}
	program, err := expr.Compile(source, options...)
	if labels.err != nil {
		return nil, labels.err
	}
	if labels.refused != "" {
		return nil, refused(labels.refused)
	}
	if labels.rows != labels.members {
		return nil, refused(`write row["Label"], with the label in quotes`)
	}
	if err != nil {
		return nil, refused(firstLine(err))
	}
	slices.Sort(labels.used)
	return &expression{source: source, program: program, used: slices.Compact(labels.used)}, nil
}

// labelPatcher puts the columns in the place of the labels, and refuses what has no bound.
type labelPatcher struct {
	columns       *columns
	used          []int
	rows, members int
	refused       string
	err           error
}

// Visit is called for the innermost nodes first.
func (p *labelPatcher) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		switch n.Value {
		case "row":
			p.rows++
		case "replace", "join":
		default:
			p.patch(node, n.Value)
		}
	case *ast.MemberNode:
		id, ok := n.Node.(*ast.IdentifierNode)
		label, isText := n.Property.(*ast.StringNode)
		if ok && isText && id.Value == "row" {
			p.members++
			p.patch(node, label.Value)
		}
	case *ast.BinaryNode:
		if n.Operator == ".." {
			p.refused = "ranges (..) cannot be used"
		}
	case *ast.BuiltinNode:
		if !slices.Contains(functions, n.Name) { // the parser knows its loops even when they are disabled
			p.refused = fmt.Sprintf("%s cannot be used; the functions are join, replace, %s", n.Name, strings.Join(functions, ", "))
		}
	case *ast.VariableDeclaratorNode:
		p.refused = "variables (let) cannot be used"
	case *ast.PredicateNode:
		inner := &predicateFinder{}
		ast.Walk(&n.Node, inner)
		if inner.found {
			p.refused = "a loop (filter, map, all, …) cannot stand inside another"
		}
	}
}

func (p *labelPatcher) patch(node *ast.Node, label string) {
	column, err := p.columns.find(label)
	if err != nil {
		if p.err == nil {
			p.err = err
		}
		return
	}
	p.used = append(p.used, column)
	ast.Patch(node, &ast.MemberNode{Node: &ast.IdentifierNode{Value: "cells"}, Property: &ast.IntegerNode{Value: column}})
}

type predicateFinder struct{ found bool }

// Visit notes a loop.
func (f *predicateFinder) Visit(node *ast.Node) {
	if _, ok := (*node).(*ast.PredicateNode); ok {
		f.found = true
	}
}

// run evaluates the expression over the texts of a row, by column.
func (e *expression) run(machine *vm.VM, cells *cellsOfRow) (any, error) {
	for _, c := range e.used {
		if len(cells.Cells[c]) > maxCell && utf8.RuneCountInString(cells.Cells[c]) > maxCell {
			return nil, fmt.Errorf("a cell is longer than %d characters", maxCell)
		}
	}
	result, err := machine.Run(e.program, cells)
	if err != nil {
		return nil, errors.New(firstLine(err))
	}
	return result, nil
}

// textOf is how a result is written; lists and other things that are no single value are errors.
func textOf(result any) (string, error) {
	switch v := result.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case int:
		return strconv.Itoa(v), nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	default:
		return "", errors.New("the result is a list, not one value")
	}
}

func replaceText(args ...any) (any, error) {
	text, old, with := args[0].(string), args[1].(string), args[2].(string)
	if old == "" {
		return nil, errors.New("replace needs a text to look for")
	}
	if len(text)+strings.Count(text, old)*len(with) > maxText {
		return nil, fmt.Errorf("replace makes more than %d bytes", maxText)
	}
	return strings.ReplaceAll(text, old, with), nil
}

func joinText(args ...any) (any, error) {
	var words []string
	switch list := args[0].(type) {
	case []string:
		words = list
	case []any:
		for _, item := range list {
			word, ok := item.(string)
			if !ok {
				return nil, errors.New("join takes a list of texts")
			}
			words = append(words, word)
		}
	}
	separator := ""
	if len(args) > 1 {
		separator = args[1].(string)
	}
	size := len(separator) * len(words)
	for _, word := range words {
		size += len(word)
	}
	if size > maxText {
		return nil, fmt.Errorf("join makes more than %d bytes", maxText)
	}
	return strings.Join(words, separator), nil
}

// firstLine leaves out the picture of the source that expr draws under its messages.
func firstLine(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return text
}
