package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"unicode"

	"github.com/agnivade/levenshtein"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"orderimport/importer"
	"orderimport/importer/connect"
	"orderimport/importer/connect/connecttest"
	"orderimport/importer/ledger"
	"orderimport/importer/mapping"
	"orderimport/importer/sheet"
	"orderimport/importer/submit"
)

// settings is every flag that a command can have, after environment and config file have filled what was not given.
type settings struct {
	config, lang, format       string
	endpoint, caFile           string
	ledger, ledgerKey          string
	pkg, customer, profile     string
	sheet, encoding, delimiter string
	quote, hidden              string
	header                     int
	rate                       float64
	workers, first             int
	maxOrders, stopAfterDoubts int
	skipInvalid, yes           bool
	results                    []string
	// own is what environment and config file say, and the defaults. The program's flags hold the rest of it already, but not what
	// yields to a profile, and not what a command has no flag for.
	own       *settings
	placed    bool // somebody has said which endpoint
	elsewhere bool // what is said is read where neither of them counts
}

// Groups of flags that commands share. Their words stand in flagHelps.
func (s *settings) apiFlags(f *pflag.FlagSet) {
	f.StringVar(&s.endpoint, "endpoint", "test", "")
	f.StringVar(&s.caFile, "ca-file", "", "")
}

func (s *settings) sheetFlags(f *pflag.FlagSet) {
	f.StringVar(&s.sheet, "sheet", "", "")
	f.IntVar(&s.header, "header", 0, "")
	f.StringVar(&s.encoding, "encoding", "", "")
	f.StringVar(&s.delimiter, "delimiter", "", "")
	f.StringVar(&s.quote, "quote", "", "")
}

func (s *settings) fitFlags(f *pflag.FlagSet) {
	f.StringVar(&s.pkg, "package", "", "")
	f.StringVar(&s.customer, "customer", "", "")
	f.StringVar(&s.profile, "profile", "", "")
}

func (s *settings) orderFlags(f *pflag.FlagSet) {
	s.fitFlags(f)
	f.StringVar(&s.hidden, "hidden", "", "")
}

func (s *settings) ledgerFlag(f *pflag.FlagSet) {
	f.StringVar(&s.ledger, "ledger", "", "")
	f.StringVar(&s.ledgerKey, "ledger-key-file", "", "")
}

func (s *settings) sendFlags(f *pflag.FlagSet) {
	f.Float64Var(&s.rate, "rate", submit.DefaultRate, "")
	f.IntVar(&s.workers, "workers", submit.DefaultWorkers, "")
	f.IntVar(&s.maxOrders, "max-orders", 0, "")
	f.IntVar(&s.first, "first", 0, "")
	f.BoolVar(&s.yes, "yes", false, "")
}

func (s *settings) sealFlags(f *pflag.FlagSet) {
	f.BoolVar(&s.skipInvalid, "skip-invalid", false, "")
	f.IntVar(&s.stopAfterDoubts, "stop-after-doubts", submit.DefaultDoubts, "")
}

func (s *settings) configFlag(f *pflag.FlagSet) {
	f.StringVar(&s.config, "config", "", "")
}

func (s *settings) langFlag(f *pflag.FlagSet) {
	f.StringVar(&s.lang, "lang", "", "")
}

func (s *settings) formatFlag(f *pflag.FlagSet) {
	f.StringVar(&s.format, "format", "text", "")
}

func (s *settings) resultFlag(f *pflag.FlagSet) {
	f.StringArrayVar(&s.results, "result", nil, "")
}

// stored are the flags that environment and config file can set: what describes a place or a habit, never a decision about
// one file.
var stored = []string{"endpoint", "ca-file", "ledger", "ledger-key-file", "package", "customer", "profile", "encoding", "delimiter", "quote", "hidden", "rate", "workers", "max-orders", "stop-after-doubts", "skip-invalid", "lang", "format"}

// yielding are those of stored that a profile, or a column of the file, can say too. They count where neither does: what was set once for
// all files must not overrule in silence what is said of this one, as a flag does.
var yielding = []string{"package", "customer", "hidden"}

// fill sets what was not given as a flag: environment, then config file. A value that no command could use is refused whatever
// command reads it: it would surprise at the wrong moment.
func (s *settings) fill(cmd *cobra.Command) error {
	file, err := s.readConfig()
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(file)) {
		if !slices.Contains(stored, name) {
			return &useError{text: textConfigKey, args: []any{s.config, name}, hint: settingHint(name)}
		}
	}
	given := file["ledger"]
	if flag := cmd.Flags().Lookup("ledger"); flag != nil && flag.Changed {
		given = flag.Value.String()
	}
	if hasPassword(given) {
		return &useError{text: textLedgerPassword, hint: hintLedgerPassword}
	}
	var trial settings
	all := trial.allFlags()
	for _, name := range stored {
		source := variable(name)
		value := os.Getenv(source)
		if value == "" {
			value, source = file[name], s.config
		}
		if value == "" {
			continue
		}
		err := all.Set(name, value)
		if err == nil {
			err = trial.check()
		}
		if err != nil && name == "endpoint" { // it may hold a password
			return &useError{text: plain("%s: %s"), args: []any{source, saidError(err)}, hint: hintEndpoint}
		}
		if err != nil {
			return &useError{text: textBadSetting, args: []any{source, name, value}, hint: hintHelp}
		}
		s.placed = s.placed || name == "endpoint"
		if flag := cmd.Flags().Lookup(name); flag != nil && !flag.Changed && !slices.Contains(yielding, name) {
			if err := flag.Value.Set(value); err != nil {
				return err
			}
		}
	}
	for _, name := range yielding {
		if flag := cmd.Flags().Lookup(name); flag != nil && flag.Changed { // also where it was given as nothing
			if err := all.Set(name, ""); err != nil {
				return err
			}
		}
	}
	s.own = &trial
	return nil
}

// usual is what environment and config file say of every file.
func (s *settings) usual() importer.Usual {
	return importer.Usual{Package: s.own.pkg, Customer: s.own.customer, Hidden: importer.Hidden(s.own.hidden)}
}

// variable is the environment's name for a flag.
func variable(flag string) string {
	return "ORDERIMPORT_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// allFlags is a set of all flags that environment and config file can set.
func (s *settings) allFlags() *pflag.FlagSet {
	f := pflag.NewFlagSet("settings", pflag.ContinueOnError)
	s.apiFlags(f)
	s.sheetFlags(f)
	s.orderFlags(f)
	s.ledgerFlag(f)
	s.sendFlags(f)
	s.sealFlags(f)
	s.langFlag(f)
	s.formatFlag(f)
	return f
}

// check refuses what no endpoint, no file and no command allows.
func (s *settings) check() error {
	if s.endpoint != "" {
		if _, err := endpointOf(s.endpoint); err != nil {
			return err
		}
	}
	switch s.lang {
	case "", "sv", "en":
	default:
		return &useError{text: textBadLang, args: []any{s.lang}}
	}
	switch s.format {
	case "", "text", "json":
	default:
		return &useError{text: textBadFormat, args: []any{s.format}}
	}
	switch importer.Hidden(s.hidden) {
	case "", importer.Hold, importer.Skip, importer.Take:
	default:
		return &useError{text: textHidden, args: []any{s.hidden}}
	}
	switch {
	case s.rate < 0 || s.rate != s.rate || s.rate > maxRate:
		return &useError{text: textRate, args: []any{s.rate}}
	case s.workers < 1 || s.workers > submit.MaxWorkers:
		return &useError{text: textWorkers, args: []any{submit.MaxWorkers, s.workers}}
	}
	for _, n := range []struct {
		name  string
		value int
	}{{"max-orders", s.maxOrders}, {"first", s.first}, {"stop-after-doubts", s.stopAfterDoubts}} {
		if n.value < 0 {
			return &useError{text: textNegative, args: []any{n.name, n.value}}
		}
	}
	return nil
}

// maxRate is more orders a second than any ledger books.
const maxRate = 100_000

// readConfig reads the user's own config file: --config, ORDERIMPORT_CONFIG, or the one in the config folder if it is there.
func (s *settings) readConfig() (map[string]string, error) {
	named := true
	if s.config == "" {
		s.config = os.Getenv(variable("config"))
	}
	if s.config == "" {
		dir, err := os.UserConfigDir()
		if err != nil {
			return nil, nil
		}
		named, s.config = false, filepath.Join(dir, "orderimport", "config.yaml")
	}
	data, err := os.ReadFile(s.config)
	if errors.Is(err, fs.ErrNotExist) && !named {
		return nil, nil
	}
	if err != nil {
		return nil, &useError{text: textConfigUnreadable, args: []any{s.config}, hint: hintConfig}
	}
	var values map[string]string
	if err := yaml.Unmarshal(data, &values); err != nil {
		return nil, &useError{text: textConfigSyntax, args: []any{s.config, yamlText(err)}, hint: hintConfig}
	}
	return values, nil
}

// settingHint is the hint about a setting that does not exist. It may be a flag that is given to each file anew.
func settingHint(name string) phrase {
	var s settings
	each := pflag.NewFlagSet("of each file", pflag.ContinueOnError)
	for _, add := range []func(*pflag.FlagSet){s.sheetFlags, s.orderFlags, s.sealFlags, s.sendFlags, s.resultFlag} {
		add(each)
	}
	if each.Lookup(name) != nil {
		return phrase{SV: fmt.Sprintf(hintFlagOnly.SV, name), EN: fmt.Sprintf(hintFlagOnly.EN, name)}
	}
	name = strings.ToLower(name)
	best, least := "", min(2, len(name)/3)
	for _, known := range stored {
		if rest, begins := strings.CutPrefix(known, name); begins && strings.HasPrefix(rest, "-") {
			return nearestHint(known)
		}
		if n := levenshtein.ComputeDistance(name, known); n <= least {
			best, least = known, n-1
		}
	}
	if best == "" {
		return hintConfig
	}
	return nearestHint(best)
}

// yamlText is a parser's error without the piece of the file that it quotes: somebody may have put a token there.
func yamlText(err error) string {
	return quotedPiece.ReplaceAllString(strings.TrimPrefix(err.Error(), "yaml: "), "")
}

var quotedPiece = regexp.MustCompile("`[^`]*` ")

// ledgerPath is where the ledger is. Only the default place is made: a folder that somebody named and that is not there is a slip
// of the pen or a disk that is not mounted, and a new ledger there would know nothing of what was ordered.
func (s *settings) ledgerPath() (string, error) {
	if s.ledger != "" {
		if _, err := ledger.Shared(s.ledger); err != nil {
			return "", err
		}
		folder := filepath.Dir(strings.TrimPrefix(s.ledger, "file:"))
		if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) && !strings.Contains(s.ledger, "://") {
			return "", &useError{text: textNoLedgerFolder, args: []any{s.ledger, folder}, hint: hintNoLedgerFolder}
		}
		return s.ledger, nil
	}
	dir, err := dataFolder()
	return filepath.Join(dir, "ledger.db"), err
}

// shared reports whether the ledger is a database that hosts share.
func (s *settings) shared() bool {
	shared, _ := ledger.Shared(s.ledger)
	return shared
}

// ledgerOptions are those of a ledger at ledgerPath. A shared one has its key in the user's data folder, unless told otherwise.
func (s *settings) ledgerOptions() (ledger.Options, error) {
	switch {
	case !s.shared() && s.ledgerKey != "":
		return ledger.Options{}, &useError{text: textKeyFileAlone, hint: hintKeyFileAlone}
	case !s.shared():
		return ledger.Options{}, nil
	case s.ledgerKey != "":
		path, err := filepath.Abs(s.ledgerKey)
		return ledger.Options{KeyFile: path}, err
	}
	address, err := url.Parse(s.ledger)
	if err != nil { // its text may hold the password
		return ledger.Options{}, &useError{text: textLedgerAddress, hint: hintLedgerAddress}
	}
	name := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '.' {
			return r
		}
		return '-'
	}, address.Host+address.Path)
	dir, err := dataFolder()
	return ledger.Options{KeyFile: filepath.Join(dir, "postgres-"+name+".key")}, err
}

// hasPassword reports whether an address of PostgreSQL holds one, which others could read from a command line or a file.
func hasPassword(dsn string) bool {
	address, err := url.Parse(dsn)
	if err != nil || !strings.HasPrefix(address.Scheme, "postgres") {
		return false
	}
	_, there := address.User.Password()
	return there || address.Query().Has("password") || address.Query().Has("sslpassword")
}

// dataFolder is where the user's own ledger lies.
func dataFolder() (string, error) {
	dir := os.Getenv("XDG_DATA_HOME")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", &useError{text: textNoHome, hint: hintLedger}
		}
		switch runtime.GOOS {
		case "windows":
			dir = os.Getenv("LocalAppData")
		case "darwin":
			dir = filepath.Join(home, "Library", "Application Support")
		default:
			dir = filepath.Join(home, ".local", "share")
		}
	}
	return filepath.Join(dir, "orderimport"), nil
}

// token looks where a secret may be: the environment, a file, systemd's credentials. Never a flag.
func token() (connect.Token, error) {
	t, path := connect.NewToken(os.Getenv("ORDERIMPORT_TOKEN")), tokenFile()
	if path != "" {
		f, err := os.Open(path)
		if err != nil {
			return connect.Token{}, tokenUnreadable(path)
		}
		defer f.Close()
		data, err := io.ReadAll(io.LimitReader(f, 64<<10))
		if err != nil {
			return connect.Token{}, tokenUnreadable(path)
		}
		t = connect.NewToken(string(data))
	}
	if t.Empty() {
		return connect.Token{}, &connect.Error{Op: "token", Kind: connect.Unauthorized, Err: errors.New("no token")}
	}
	return t, nil
}

// tokenAgain is token for every look but the first. What is no plain file, such as a pipe, has given all it holds, and could let wait
// for ever while orders are under way.
func tokenAgain() (connect.Token, error) {
	if path := tokenFile(); path != "" {
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
			return connect.Token{}, tokenUnreadable(path)
		}
	}
	return token()
}

// tokenFile is the file that holds the token, "" where the environment does, or nothing.
func tokenFile() string {
	if !connect.NewToken(os.Getenv("ORDERIMPORT_TOKEN")).Empty() {
		return ""
	}
	if path := os.Getenv("ORDERIMPORT_TOKEN_FILE"); path != "" {
		return path
	}
	if dir := os.Getenv("CREDENTIALS_DIRECTORY"); dir != "" {
		return filepath.Join(dir, "orderimport-token")
	}
	return ""
}

func tokenUnreadable(path string) error {
	return &connect.Error{Op: "token", Kind: connect.Unauthorized, Err: fmt.Errorf("the token's file %q cannot be read", path)}
}

// service is an endpoint with a client for it; the built-in sandbox is started where it is meant.
type service struct {
	endpoint connect.Endpoint
	client   *connect.Client
	sandbox  *connecttest.Server
}

func (s *service) Close() {
	if s.sandbox != nil {
		s.sandbox.Close()
	}
}

func (s *settings) connect(endpoint string) (*service, error) {
	if endpoint == importer.Sandbox {
		return startSandbox(connecttest.Options{})
	}
	place, err := connect.ParseEndpoint(endpoint)
	if err != nil {
		return nil, &useError{text: plain("%s"), args: []any{saidError(err)}, hint: hintEndpoint}
	}
	secret, err := token()
	if err != nil {
		return nil, err
	}
	client, err := connect.NewClient(connect.Config{Endpoint: place, Token: secret, Reread: tokenAgain, CAFile: s.caFile})
	var refused *connect.Error
	if errors.As(err, &refused) {
		return nil, err
	}
	if err != nil {
		return nil, &useError{text: plain("%s"), args: []any{saidError(err)}, hint: hintHelp}
	}
	return &service{endpoint: place, client: client}, nil
}

// startSandbox starts the built-in sandbox on a free port of the loopback.
func startSandbox(opt connecttest.Options) (*service, error) {
	server, err := connecttest.Start(opt)
	if err != nil {
		return nil, err
	}
	place, err := connect.ParseEndpoint(server.URL())
	if err != nil {
		server.Close()
		return nil, err
	}
	place.URL, place.Host = server.URL(), importer.Sandbox
	client, err := connect.NewClient(connect.Config{Endpoint: place, Token: connect.NewToken("sandbox")})
	if err != nil {
		server.Close()
		return nil, err
	}
	place.URL = importer.Sandbox // for people: the address is this process's alone, and gone after it
	return &service{endpoint: place, client: client, sandbox: server}, nil
}

// sheetOptions are the flags of a file; the password of a protected one comes from the environment alone.
func (s *settings) sheetOptions() sheet.Options {
	return sheet.Options{Sheet: s.sheet, Header: s.header, Encoding: s.encoding, Delimiter: s.delimiter, Quote: s.quote, Password: os.Getenv("ORDERIMPORT_FILE_PASSWORD")}
}

// readProfile reads --profile; nil where none was named.
func (s *settings) readProfile() (*mapping.Profile, error) {
	if s.profile == "" {
		return nil, nil
	}
	data, err := os.ReadFile(s.profile)
	if err != nil {
		return nil, &useError{text: textProfileUnreadable, args: []any{s.profile}, hint: hintProfile}
	}
	return mapping.ParseProfile(s.profile, data)
}
