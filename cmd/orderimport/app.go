package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"orderimport/importer/submit"
	"orderimport/validate"
)

// app is one run of the program: its streams, its settings, its language.
type app struct {
	in       io.Reader
	out, err io.Writer
	set      settings
	lang     validate.Lang
	given    map[string]bool // the flags of the command line, before environment and config file
	// terminal reports whether a person sits there: on standard input a question can be answered, on standard error a bar
	// can be drawn.
	terminal func(stream any) bool
	// hear takes what is said instead of standard error, where nobody sits in front of one command: watch.
	hear func(p phrase, args []any)
	// stopped is why the last sending ended before its rows did; "" where it did not.
	stopped submit.StopCode
	// doubtsTold: the rows in doubt of the run have been told of.
	doubtsTold bool
}

// run is the program: nothing but main calls os.Exit.
func run(ctx context.Context, args []string, in io.Reader, out, errw io.Writer) int {
	a := &app{in: in, out: out, err: errw, lang: languageOf(args), terminal: isTerminal}
	return a.run(ctx, args)
}

func (a *app) run(ctx context.Context, args []string) (code int) {
	defer func() {
		// The last guard: a fault of ours must not look like a fault of the file, nor show what the file holds.
		if r := recover(); r != nil {
			a.say(textPanic, fmt.Sprintf("%T", r))
			code = exitStopped
		}
	}()
	root := a.commands()
	var refused error // by help, which cobra gives no way to fail
	root.SetHelpFunc(func(c *cobra.Command, _ []string) { refused = a.helpFor(c) })
	root.SetArgs(args)
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	return a.complain(cmp.Or(root.ExecuteContext(ctx), refused))
}

// complain says what went wrong, unless that has been said, and gives its exit code.
func (a *app) complain(err error) int {
	code, text := a.words(err)
	if text != "" {
		fmt.Fprintln(a.err, "orderimport: "+text)
	}
	return code
}

// words turn an error into its exit code, and what to say of it: one sentence, and on a line of its own the hint. An exitError
// has said all it had to say.
func (a *app) words(err error) (int, string) {
	var exit exitError
	if err == nil {
		return exitOK, ""
	}
	if errors.As(err, &exit) {
		return int(exit), ""
	}
	var doubt *doubtError
	if errors.As(err, &doubt) {
		code, text := a.words(doubt.cause)
		return worse(code, exitDoubt), text
	}
	code, what, hint := explain(err)
	text := strings.ReplaceAll(what.In(a.lang), "\n", " ")
	if hint != (phrase{}) {
		text += "\n" + textHint.In(a.lang) + ": " + withFlags(hint.In(a.lang), a.set.ledgerWords())
	}
	return code, text
}

// commands is the tree of all commands.
func (a *app) commands() *cobra.Command {
	root := &cobra.Command{
		Use:           "orderimport",
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return a.prepare(cmd)
		},
		SuggestionsMinimumDistance: 2,
		Version:                    versionLine(),
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.Flags().Bool("version", false, "")
	a.set.configFlag(root.PersistentFlags())
	a.set.langFlag(root.PersistentFlags())
	root.PersistentFlags().BoolP("help", "h", false, "")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return flagError(err) })
	root.AddCommand(
		a.demo(), a.packages(), a.schema(), a.inspect(), a.mapCommand(), a.validate(), a.stage(), a.submit(),
		a.runs(), a.report(), a.resolve(), a.watch(), a.ledger(), a.erase(), a.sandbox(), a.version(),
	)
	root.SetHelpCommand(a.helpOf())
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	a.describe(root)
	return root
}

// prepare completes the settings before any command.
func (a *app) prepare(cmd *cobra.Command) error {
	a.given = map[string]bool{}
	cmd.Flags().Visit(func(f *pflag.Flag) { a.given[f.Name] = true })
	if err := a.set.fill(cmd); err != nil {
		return err
	}
	a.set.placed = a.set.placed || a.given["endpoint"]
	a.set.elsewhere = a.given["config"] // a command that is printed does not name it
	if err := a.set.check(); err != nil {
		return err
	}
	if a.set.lang != "" {
		a.lang = validate.Lang(a.set.lang)
	}
	return nil
}

func (a *app) json() bool { return a.set.format == "json" }

// say writes a message to standard error.
func (a *app) say(p phrase, args ...any) {
	if a.hear != nil {
		a.hear(p, args)
		return
	}
	fmt.Fprintln(a.err, a.sentence(p, args...))
}

// tell writes a result to standard output, unless that is JSON's.
func (a *app) tell(p phrase, args ...any) {
	if !a.json() {
		fmt.Fprintln(a.out, a.sentence(p, args...))
	}
}

// takes lets a command take least to most arguments, and says which where it is another number.
func takes(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < least || len(args) > most {
			return &useError{text: textArgs, args: []any{helpKey(cmd), helps[helpKey(cmd)].args, len(args)}, hint: hintHelp}
		}
		return nil
	}
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return &useError{text: textNoArgs, args: []any{helpKey(cmd), args[0]}, hint: hintHelp}
	}
	return nil
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// locale is the language of the environment: Swedish where it says so, else English.
func locale() validate.Lang {
	if strings.HasPrefix(strings.ToLower(localeName()), "sv") {
		return validate.Swedish
	}
	return validate.English
}
