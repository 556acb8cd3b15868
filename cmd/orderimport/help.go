package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"orderimport/validate"
)

// help is what `--help` says of a command beside its flags. Every command can end with 0, and with 2 where it is used wrongly.
type help struct {
	args, short, long phrase
	codes             []int
}

// describe gives every command and flag of the tree its words, from helps and flagHelps.
func (a *app) describe(c *cobra.Command) {
	key := helpKey(c)
	h := helps[key]
	c.Short, c.Long = h.short.In(a.lang), h.long.In(a.lang)
	c.DisableFlagsInUseLine = true
	c.Use = strings.TrimSpace(c.Name() + " " + h.args.In(a.lang))
	// pflag calls a value "string" or "int" unless the words name it in backquotes.
	for _, flags := range []*pflag.FlagSet{c.Flags(), c.PersistentFlags()} {
		flags.VisitAll(func(f *pflag.Flag) { f.Usage = flagHelp(key, f.Name).In(a.lang) })
	}
	if c.HasSubCommands() && !c.Runnable() {
		c.Args = cobra.ArbitraryArgs
		c.RunE = func(c *cobra.Command, _ []string) error { return a.helpFor(c) }
	}
	for _, sub := range c.Commands() {
		a.describe(sub)
	}
}

// helpKey is a command's path without the program's name.
func helpKey(c *cobra.Command) string {
	_, key, _ := strings.Cut(c.CommandPath(), " ")
	return key
}

// flagHelp is what a flag means for a command, or wherever it occurs.
func flagHelp(command, flag string) phrase {
	if p, ok := flagHelps[command+" "+flag]; ok {
		return p
	}
	return flagHelps[flag]
}

// usage writes a command's help.
func (a *app) usage(w io.Writer, c *cobra.Command) {
	var b strings.Builder
	section := func(title phrase) { b.WriteString("\n" + title.In(a.lang) + ":\n") }
	b.WriteString(c.Long + "\n")
	section(helpUsage)
	group := isGroup(c)
	if c.HasAvailableSubCommands() {
		b.WriteString("  " + c.CommandPath() + " " + helpCommand.In(a.lang) + "\n")
	}
	if !group {
		b.WriteString("  " + c.UseLine() + " " + helpFlagsWord.In(a.lang) + "\n")
	}
	if c.HasAvailableSubCommands() {
		section(helpCommands)
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() || sub.Name() == "help" {
				fmt.Fprintf(&b, "  %-11s %s\n", sub.Name(), sub.Short)
			}
		}
	}
	defaults := func(flags *pflag.FlagSet) string {
		return strings.ReplaceAll(flags.FlagUsages(), " (default ", phrase{SV: " (förval ", EN: " (default "}.In(a.lang))
	}
	if c.HasAvailableLocalFlags() {
		section(helpFlags)
		b.WriteString(defaults(c.LocalFlags()))
	}
	if c.HasAvailableInheritedFlags() {
		section(helpGlobal)
		b.WriteString(defaults(c.InheritedFlags()))
	}
	if !group {
		section(helpExits)
		for _, code := range exitCodes(helpKey(c)) {
			fmt.Fprintf(&b, "  %-3d %s\n", code, exitWords[code].In(a.lang))
		}
	}
	if !c.HasParent() {
		b.WriteString("\n" + helpMore.In(a.lang) + "\n")
	}
	io.WriteString(w, b.String())
}

// helpFor writes a command's help, unless it is a group and was given a word that is none of its commands.
func (a *app) helpFor(c *cobra.Command) error {
	if words := c.Flags().Args(); isGroup(c) && len(words) > 0 {
		return unknownCommand(c, words[0])
	}
	a.usage(a.out, c)
	return nil
}

// isGroup tells a command that does nothing by itself.
func isGroup(c *cobra.Command) bool {
	return c.HasAvailableSubCommands() && helps[helpKey(c)].args == phrase{}
}

// exitCodes are those that a command can end with, in order.
func exitCodes(command string) []int {
	codes := append([]int{exitOK, exitUse}, helps[command].codes...)
	slices.Sort(codes)
	return slices.Compact(codes)
}

// flagError says what pflag refused.
func flagError(err error) error {
	var (
		unknown *pflag.NotExistError
		missing *pflag.ValueRequiredError
		invalid *pflag.InvalidValueError
	)
	use := &useError{text: plain("%s"), args: []any{saidError(err)}, hint: hintHelp}
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		use.text, use.args = textNoFlag, []any{"-" + unknown.GetSpecifiedName()}
	case errors.As(err, &unknown):
		use.text, use.args = textNoFlag, []any{"--" + unknown.GetSpecifiedName()}
	case errors.As(err, &missing):
		use.text, use.args = textFlagValue, []any{missing.GetFlag().Name}
	case errors.As(err, &invalid):
		use.text, use.args = textFlagInvalid, []any{invalid.GetFlag().Name, invalid.GetValue()}
	}
	return use
}

// unknownCommand refuses a word that is no command of c, with the nearest ones.
func unknownCommand(c *cobra.Command, word string) error {
	err := &useError{text: textNoCommand, args: []any{word}, hint: hintHelp}
	if near := c.SuggestionsFor(word); len(near) > 0 {
		err.hint = nearestHint(near[0])
	}
	return err
}

// helpOf is `help [COMMAND]`.
func (a *app) helpOf() *cobra.Command {
	return &cobra.Command{
		Use: "help",
		RunE: func(c *cobra.Command, args []string) error {
			found, rest, err := c.Root().Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return unknownCommand(found, rest[0])
			}
			a.usage(a.out, found)
			return nil
		},
	}
}

// languageOf finds the language before there is a command to read the flags: the command line, the environment, the config file,
// then the locale. What is wrong with them is told later.
func languageOf(args []string) validate.Lang {
	var s settings
	f := pflag.NewFlagSet("language", pflag.ContinueOnError)
	f.ParseErrorsAllowlist.UnknownFlags = true
	f.BoolP("help", "h", false, "")
	s.langFlag(f)
	s.configFlag(f)
	_ = f.Parse(args)
	value := cmp.Or(s.lang, os.Getenv(variable("lang")))
	if value == "" {
		if file, err := s.readConfig(); err == nil {
			value = file["lang"]
		}
	}
	switch lang := validate.Lang(value); lang {
	case validate.Swedish, validate.English:
		return lang
	}
	return locale()
}
