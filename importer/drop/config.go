package drop

import (
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"bytes"

	"github.com/agnivade/levenshtein"
	"go.yaml.in/yaml/v3"
)

// Bounds and defaults of a Config.
const (
	DefaultPoll = 10 * time.Second
	MinPoll     = 100 * time.Millisecond
	maxPoll     = time.Hour
	maxConfig   = 1 << 20
)

// DefaultPatterns are the files of a drop that names none.
var DefaultPatterns = []string{"*.csv", "*.xlsx"}

// Action is what is done with a file.
type Action string

// The actions.
const (
	Validate Action = "validate" // the dry run: nothing is sent
	Submit   Action = "submit"   // order, without a question
)

// Config is the drops that one process watches. No secret can stand in it.
type Config struct {
	Poll   time.Duration // between two looks
	Ledger string        // "": the caller's
	Lang   string        // sv, en, or "": the caller's
	Drops  []*Drop
}

// Drop is one watched folder and what is done with the files in it.
type Drop struct {
	Name        string
	Folder      string    // absolute
	Patterns    []string  // of file names, in any case of letters; path.Match
	Profile     string    // absolute path; "" only where Action is Validate and Package is given
	Endpoint    string    // as the --endpoint flag takes it; "": test
	Package     string    // "" leaves it to the profile, then to the caller
	Customer    string    // "" leaves it to the profile, then to the caller
	Schedule    *Schedule // nil: on arrival
	Action      Action
	MaxOrders   int // at least 1 with Submit: more rows ready than this, and nothing of the file is sent
	SkipInvalid bool
	Rate        *float64 // orders a second; nil: the caller's
	Workers     int      // 0: the caller's
	Line        int      // where it begins in the config file
}

// Drop finds a drop by name; nil where there is none.
func (c *Config) Drop(name string) *Drop {
	for _, d := range c.Drops {
		if d.Name == name {
			return d
		}
	}
	return nil
}

// ConfigError is a config that cannot be used.
type ConfigError struct {
	File string
	Line int // 0 where no line is to blame
	Text string
	Hint string
}

// Error gives the place and what is wrong there, without the hint.
func (e *ConfigError) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Text
	}
	return fmt.Sprintf("%s: line %d: %s", e.File, e.Line, e.Text)
}

var (
	configKeys = []string{"version", "poll", "ledger", "lang", "drops"}
	dropKeys   = []string{"name", "folder", "pattern", "profile", "endpoint", "package", "customer", "schedule", "timezone", "action", "max-orders", "skip-invalid", "rate", "workers"}
)

// ParseConfig reads YAML strictly: an unknown key is an error with its line and the nearest key. Relative paths in it are
// relative to the folder of name, the config file's path. All errors are *ConfigError. It looks at no folder and no profile.
func ParseConfig(name string, data []byte) (*Config, error) {
	base, err := filepath.Abs(filepath.Dir(name))
	if err != nil {
		return nil, &ConfigError{File: name, Text: err.Error()}
	}
	r := &configReader{file: name, base: base}
	root, err := r.document(data)
	if err != nil {
		return nil, err
	}
	return r.config(root)
}

// configReader walks the YAML by hand: yaml.v3's own decoding turns texts such as 0123 or no into something else.
type configReader struct{ file, base string }

func (r *configReader) wrong(line int, hint, format string, args ...any) error {
	return &ConfigError{File: r.file, Line: line, Text: fmt.Sprintf(format, args...), Hint: hint}
}

var yamlPlace = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?`)

func (r *configReader) document(data []byte) (*yaml.Node, error) {
	if len(data) > maxConfig {
		return nil, r.wrong(0, "is it the right file?", "larger than %d bytes", maxConfig)
	}
	var doc, more yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, r.wrong(0, "it begins with version: 1", "the file is empty")
		}
		found := yamlPlace.FindStringSubmatch(err.Error())
		line, _ := strconv.Atoi(found[1])
		return nil, r.wrong(line, "check the indentation and the quotes there", "not readable as YAML: %s", err.Error()[len(found[0]):])
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, r.wrong(more.Line, "one config a file", "something follows after the end")
	}
	return doc.Content[0], nil
}

// pairs calls set for each key of a mapping.
func (r *configReader) pairs(node *yaml.Node, keys []string, set func(key string, v *yaml.Node) error) error {
	if node.Kind != yaml.MappingNode {
		return r.wrong(node.Line, "the keys here are "+strings.Join(keys, ", "), "here must be keys and values")
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		k, v := node.Content[i], node.Content[i+1]
		if !slices.Contains(keys, k.Value) {
			return r.wrong(k.Line, nearestKey(k.Value, keys), "unknown key %q", k.Value)
		}
		if seen[k.Value] {
			return r.wrong(k.Line, "leave one of them out", "%q stands there twice", k.Value)
		}
		seen[k.Value] = true
		if err := set(k.Value, v); err != nil {
			return err
		}
	}
	return nil
}

// nearestKey is the hint about a key that does not exist.
func nearestKey(word string, keys []string) string {
	if i := slices.Index([]string{"token", "password", "secret", "key", "auth"}, strings.ToLower(word)); i >= 0 {
		return "no secret belongs in this file: put the token into ORDERIMPORT_TOKEN_FILE"
	}
	best, least := "", 1+len(word)/3
	for _, k := range keys {
		if n := levenshtein.ComputeDistance(strings.ToLower(word), k); n <= least {
			best, least = k, n-1
		}
	}
	if best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return "the keys here are " + strings.Join(keys, ", ")
}

func (r *configReader) text(key string, v *yaml.Node) (string, error) {
	if v.Kind != yaml.ScalarNode || v.Tag == "!!null" || strings.TrimSpace(v.Value) == "" {
		return "", r.wrong(v.Line, "leave the key out, or give it a value", "%q takes one text", key)
	}
	return v.Value, nil
}

// path is a text that names a file or a folder.
func (r *configReader) path(key string, v *yaml.Node) (string, error) {
	s, err := r.text(key, v)
	if err == nil && !filepath.IsAbs(s) {
		s = filepath.Join(r.base, s)
	}
	return filepath.Clean(s), err
}

func (r *configReader) number(key string, v *yaml.Node, least int) (int, error) {
	s, err := r.text(key, v)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil || int(n) < least {
		return 0, r.wrong(v.Line, "", "%q takes a whole number of at least %d, not %q", key, least, s)
	}
	return int(n), nil
}

func (r *configReader) word(key string, v *yaml.Node, words ...string) (string, error) {
	s, err := r.text(key, v)
	if err == nil && !slices.Contains(words, s) {
		err = r.wrong(v.Line, "", "%q is one of %s, not %q", key, strings.Join(words, ", "), s)
	}
	return s, err
}

func (r *configReader) config(root *yaml.Node) (*Config, error) {
	c := &Config{Poll: DefaultPoll}
	version := false
	err := r.pairs(root, configKeys, func(key string, v *yaml.Node) (err error) {
		switch key {
		case "version":
			version = true
			_, err = r.word(key, v, "1")
		case "poll":
			c.Poll, err = r.poll(v)
		case "ledger":
			if c.Ledger, err = r.text(key, v); err == nil && !strings.Contains(c.Ledger, ":") {
				c.Ledger, err = r.path(key, v)
			}
		case "lang":
			c.Lang, err = r.word(key, v, "sv", "en")
		case "drops":
			c.Drops, err = r.drops(v)
		}
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case !version:
		return nil, r.wrong(root.Line, "it begins with version: 1", "the version is missing")
	case len(c.Drops) == 0:
		return nil, r.wrong(root.Line, "give drops: a list of at least one", "there is no drop")
	}
	return c, nil
}

func (r *configReader) poll(v *yaml.Node) (time.Duration, error) {
	s, err := r.text("poll", v)
	if err != nil {
		return 0, err
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < MinPoll || d > maxPoll {
		return 0, r.wrong(v.Line, "write it like 10s", "\"poll\" is a time from %s to %s, not %q", MinPoll, maxPoll, s)
	}
	return d, nil
}

func (r *configReader) drops(list *yaml.Node) ([]*Drop, error) {
	if list.Kind != yaml.SequenceNode {
		return nil, r.wrong(list.Line, "begin each drop with a dash: - name: …", "\"drops\" takes a list")
	}
	var drops []*Drop
	for _, node := range list.Content {
		d, err := r.drop(node)
		if err != nil {
			return nil, err
		}
		for _, other := range drops {
			if other.Name == d.Name {
				return nil, r.wrong(d.Line, "", "two drops are called %q", d.Name)
			}
			if other.Folder == d.Folder {
				return nil, r.wrong(d.Line, "give each a folder of its own", "the drops %q and %q watch one folder", other.Name, d.Name)
			}
		}
		drops = append(drops, d)
	}
	return drops, nil
}

// dropName can stand in a log line, and on a command line without quotes.
var dropName = regexp.MustCompile(`^[\pL\pN][\pL\pN_.-]{0,63}$`)

func (r *configReader) drop(node *yaml.Node) (*Drop, error) {
	d := &Drop{Line: node.Line, Patterns: DefaultPatterns}
	var schedule *yaml.Node
	zone := time.Local
	err := r.pairs(node, dropKeys, func(key string, v *yaml.Node) (err error) {
		switch key {
		case "name":
			if d.Name, err = r.text(key, v); err == nil && !dropName.MatchString(d.Name) {
				err = r.wrong(v.Line, "use letters, digits, - _ and .", "a drop cannot be called %q", d.Name)
			}
		case "folder":
			d.Folder, err = r.path(key, v)
		case "pattern":
			d.Patterns, err = r.patterns(v)
		case "profile":
			d.Profile, err = r.path(key, v)
		case "endpoint":
			d.Endpoint, err = r.text(key, v)
		case "package":
			d.Package, err = r.text(key, v)
		case "customer":
			d.Customer, err = r.text(key, v)
		case "schedule":
			schedule = v
			_, err = r.text(key, v)
		case "timezone":
			zone, err = r.zone(v)
		case "action":
			var s string
			s, err = r.word(key, v, string(Validate), string(Submit))
			d.Action = Action(s)
		case "max-orders":
			d.MaxOrders, err = r.number(key, v, 1)
		case "skip-invalid":
			var s string
			s, err = r.word(key, v, "true", "false")
			d.SkipInvalid = s == "true"
		case "rate":
			d.Rate, err = r.rate(v)
		case "workers":
			d.Workers, err = r.number(key, v, 1)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if schedule != nil {
		if d.Schedule, err = ParseSchedule(schedule.Value, zone); err != nil {
			return nil, r.wrong(schedule.Line, "", "%s", err.Error())
		}
	}
	return d, r.complete(d)
}

// complete refuses a drop without what an unattended run needs.
func (r *configReader) complete(d *Drop) error {
	switch {
	case d.Name == "":
		return r.wrong(d.Line, "give it a name", "a drop has no name")
	case d.Folder == "":
		return r.wrong(d.Line, "give folder", "drop %q has no folder", d.Name)
	case d.Action == "":
		return r.wrong(d.Line, "give action: validate or submit", "drop %q has no action", d.Name)
	case d.Action == Submit && d.MaxOrders == 0:
		return r.wrong(d.Line, "give max-orders: more rows than this, and nothing of a file is sent", "drop %q submits without a limit", d.Name)
	case d.Action == Submit && d.Profile == "":
		return r.wrong(d.Line, "`orderimport map FILE --package P -o profile.yaml` writes one", "drop %q submits without a profile: nobody is there to look at a guess", d.Name)
	case d.Profile == "" && d.Package == "":
		return r.wrong(d.Line, "give profile or package", "drop %q has neither a profile nor a package", d.Name)
	}
	return nil
}

func (r *configReader) patterns(v *yaml.Node) ([]string, error) {
	list := []*yaml.Node{v}
	if v.Kind == yaml.SequenceNode {
		list = v.Content
	}
	var patterns []string
	for _, node := range list {
		s, err := r.text("pattern", node)
		if err != nil {
			return nil, err
		}
		if _, err := filepath.Match(s, ""); err != nil || strings.ContainsAny(s, `/\`) {
			return nil, r.wrong(node.Line, "write it like *.csv", "%q is no pattern of file names", s)
		}
		patterns = append(patterns, s)
	}
	if len(patterns) == 0 {
		return nil, r.wrong(v.Line, "leave the key out, or give it a value", "\"pattern\" is empty")
	}
	return patterns, nil
}

func (r *configReader) zone(v *yaml.Node) (*time.Location, error) {
	s, err := r.text("timezone", v)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(s)
	if err != nil {
		return nil, r.wrong(v.Line, "write it like Europe/Stockholm", "%q is no time zone", s)
	}
	return zone, nil
}

func (r *configReader) rate(v *yaml.Node) (*float64, error) {
	s, err := r.text("rate", v)
	if err != nil {
		return nil, err
	}
	rate, err := strconv.ParseFloat(s, 64)
	if err != nil || rate < 0 || math.IsInf(rate, 0) || math.IsNaN(rate) {
		return nil, r.wrong(v.Line, "orders a second", "\"rate\" cannot be %q", s)
	}
	return &rate, nil
}
