package sheet

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMend damages one line of a table that is sound otherwise, far from its beginning.
func TestMend(t *testing.T) {
	const below = "Li;Umeå;x;0701234569\n"
	above := "Namn;Ort;Text;Tel\n" + strings.Repeat(`Åsa;Kil;"a; b";0701234567`+"\n", headRows)
	tests := []struct {
		name, line, want string
	}{
		{"a sound line", `Bo;Kil;"c; ""d""";1`, `202: Bo|Kil|c; "d"|1`},
		{"a quote that is not doubled", `Bo;Kil;"10" bred; lång";1`, `202: Bo|Kil|10" bred; lång|1 [stray-quote 2 true]`},
		{"two of them", `Bo;Kil;"sa "hej"; gick";1`, `202: Bo|Kil|sa "hej"; gick|1 [stray-quote 2 true]`},
		{"one before the closing quote", `"Bo";"bord; 48"";"x";"1"`, `202: Bo|bord; 48"|x|1 [stray-quote 1 true]`},
		{"one behind the opening quote", `Bo;""Kil; Värmland";x;1`, `202: Bo|"Kil; Värmland|x|1 [stray-quote 1 true]`},
		{"one in an empty cell", `"Bo";"Kil";""";"1"`, `202: Bo|Kil|"|1 [stray-quote 2 true]`},
		{"one before a cell without quotes", `"Bo;Kil;"c; d";1`, `202: "Bo|Kil|c; d|1 [open-quote 0 true]`},
		{"a closing quote that is lost", `"Bo;"Kil";"c; d";"1"`, `202: "Bo|Kil|c; d|1 [open-quote 0 true]`},
		{"several of them", `"a"b";"c"d";"e"f;1`, `202: a"b|c"d|"e"f|1 [stray-quote 0 true] [stray-quote 1 true] [stray-quote 2 true]`},
		{"quotes that can be read in two ways", `"a"b";c";"d"e";f";1`, `202: "a"b"|c"|"d"e"|f"|1 [stray-quote 0 true] [stray-quote 1 false] [stray-quote 2 true] [stray-quote 3 false] [extra-cells 4 true]`},
		{"a line that is short as well", `Bo;"10" bred; lång"`, `202: Bo|"10" bred| lång"| [stray-quote 1 true] [stray-quote 2 false] [missing-cells -1 true]`},
		{"escapes of another kind", `Bo;Kil;"sa \"hej\"; gick";1`, `202: Bo|Kil|sa "hej"; gick|1 [stray-quote 2 true]`},
		{"an escaped delimiter", `Bo;Kil;c\; d;1`, `202: Bo|Kil|c; d|1 [extra-cells -1 true]`},
		{"quotes of the other kind", `'Bo';'Kil';'c; d';'1'`, `202: Bo|Kil|c; d|1 [extra-cells -1 true]`},
		{"quotes of both kinds", `"D'Arcy";O'Hara;'c; d';1`, `202: D'Arcy|O'Hara|c; d|1 [extra-cells -1 true]`},
		{"quotes of the other kind that nothing needs", `'Bo';'Kil';'c';'1'`, `202: Bo|Kil|c|1 [stray-quote 0 true]`},
		{"apostrophes", `'n Roll;Kil;c;it's'`, `202: 'n Roll|Kil|c|it's'`},
		{"quotes around the line", `"Bo;Kil;""c; d"";1"`, `202: Bo|Kil|c; d|1`},
		{"quotes around a line without any", `"Bo;Kil;c;1"`, `202: Bo|Kil|c|1`},
		{"quotes around the line and delimiters behind", `"Bo;Kil;""c; d"";1";;;`, `202: Bo|Kil|c; d|1`},
		{"quotes around a short line", `"Bo;Kil;c"`, `202: Bo;Kil;c||| [missing-cells -1 true]`},
		{"another delimiter", "Bo,Kil,c,1", `202: Bo|Kil|c|1 [other-delimiter -1 true]`},
		{"a tab", "Bo\tKil\tc; d\t1", "202: Bo|Kil|c; d|1 [other-delimiter -1 true]"},
		{"a blank between quotes", `"Bo" "Kil" "c; d" "1"`, `202: Bo|Kil|c; d|1 [other-delimiter -1 true]`},
		{"a sentence", "Bo, Kil, c, 1", `202: Bo, Kil, c, 1||| [missing-cells -1 true]`},
		{"too many of another delimiter", "Bo,Kil,c,1,2", `202: Bo,Kil,c,1,2||| [missing-cells -1 true]`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := dump(t, write(t, "in.csv", []byte(above+test.line+"\n"+below)), Options{})
			_, got, _ = strings.Cut(got, "\n201: Åsa|Kil|a; b|0701234567\n")
			want := test.want + "\n203: Li|Umeå|x|0701234569\n"
			if strings.HasPrefix(test.name, "quotes around") && !strings.Contains(test.want, "[") {
				want += "note 202: wrapped-line\n"
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestLooseRoutes cuts lines of nothing but damaged quotes, for which there are too many ways to try them all: the file has a bound,
// and each line has one, so that the damaged lines behind are mended as far as it goes.
func TestLooseRoutes(t *testing.T) {
	d := newDialect(";", '"', 0)
	d.width = 3
	hard, soft := []byte(strings.Repeat(`"a"b";`, 300)), []byte(`Bo;"10" bred; lång";1`)
	var rec record
	left := looseRoutes
	mended, tried := 0, 0
	for range 1000 {
		before := left
		if d.cutLoosely(hard, 300, &rec, &left) {
			t.Fatal("a line was cut that can be cut in many ways")
		}
		if left < before {
			tried++
		}
		if d.cutLoosely(soft, 3, &rec, &left) {
			mended++
		}
	}
	if tried > 20 || mended < 10 || mended > tried || left > 0 {
		t.Errorf("%d lines tried, %d mended, %d routes left", tried, mended, left)
	}
}

// TestWrappedLines reads files that Excel took for one of a single column and saved so.
func TestWrappedLines(t *testing.T) {
	tests := []struct {
		name, in, want string
	}{
		{"all lines", "\"Namn,Ort,Tel\"\n\"Åsa,\"\"Kil, S\"\",1\"\n\"Bo,Umeå,2\"\n", "1: Namn|Ort|Tel\n2: Åsa|Kil, S|1\n3: Bo|Umeå|2\nnote 0: wrapped-lines\n"},
		{"all cells too", "\"\"\"Namn\"\";\"\"Tel\"\"\"\n\"\"\"Åsa\"\";\"\"1\"\"\"\n", "1: Namn|Tel\n2: Åsa|1\nnote 0: wrapped-lines\n"},
		{"those with quotes", "Namn,Ort,Tel\n\"Åsa,\"\"Kil, S\"\",1\"\nBo,Umeå,2\n", "1: Namn|Ort|Tel\n2: Åsa|Kil, S|1\n3: Bo|Umeå|2\nnote 0: wrapped-lines\n"},
		{"delimiters of Excel behind them", "\"Namn,Ort,Tel\";;\n\"Åsa,\"\"Kil, S\"\",1\";;\n", "1: Namn|Ort|Tel\n2: Åsa|Kil, S|1\nnote 0: wrapped-lines\n"},
		{"a line break in a cell", "\"Namn,Ort,Tel\"\n\"Åsa,\"\"Kil\nS\"\",1\"\n\"Bo,Umeå,2\"\n", "1: Namn|Ort|Tel\n2: Åsa|Kil\\nS|1\n4: Bo|Umeå|2\nnote 0: wrapped-lines\n"},
		{"a line break in the first cell", "\"Namn,Ort,Tel\"\n\"\"\"Åsa\nEk\"\",Kil,1\"\n\"Bo,Umeå,2\"\n", "1: Namn|Ort|Tel\n2: Åsa\\nEk|Kil|1\n4: Bo|Umeå|2\nnote 0: wrapped-lines\n"},
		{"a title above", "\"Lista\"\n\"Namn,Ort,Tel\"\n\"Åsa,\"\"Kil, S\"\",1\"\n\"Bo,Umeå,2\"\n", "2: Namn|Ort|Tel\n3: Åsa|Kil, S|1\n4: Bo|Umeå|2\nnote 0: wrapped-lines\nnote 1: title\n"},
		{"no quotes inside", "\"Namn;Tel\"\n\"Åsa;0701234567\"\n\"Bo;0701234568\"\n", "1: Namn|Tel\n2: Åsa|0701234567\n3: Bo|0701234568\nnote 0: wrapped-lines\n"},
		{"one column of names in quotes", "\"Namn\"\n\"Ek, Åsa\"\n\"Öberg, Bo\"\n", "1: Namn\n2: Ek, Åsa\n3: Öberg, Bo\n"},
		{"one column of sayings in quotes", "\"Text\"\n\"\"\"Hej\"\", sa hon\"\n\"Ja, sa han\"\n", "1: Text\n2: \"Hej\", sa hon\n3: Ja, sa han\n"},
		{"a title in quotes", "\"Lista; november; 2026\"\nNamn;Ort;Tel\nÅsa;Kil;1\n", "2: Namn|Ort|Tel\n3: Åsa|Kil|1\nnote 1: title\n"},
		{"labels with a delimiter of their own", "Namn,Ort,Tel\nÅsa;Kil;0701234567\nBo;Umeå;0701234568\n", "1: Namn|Ort|Tel\n2: Åsa|Kil|0701234567\n3: Bo|Umeå|0701234568\nnote 1: header-delimiter\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if d := cmp.Diff(test.want, dump(t, write(t, "in.csv", []byte(test.in)), Options{})); d != "" {
				t.Error(d)
			}
		})
	}
}
