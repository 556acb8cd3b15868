package sheet

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
)

// TestDialect leaves delimiter, quote and escape to the text.
func TestDialect(t *testing.T) {
	tests := []struct {
		name, in, delimiter, want string
	}{
		{"caret", "Namn^Ort^Tel\nÅsa^Kil^0701234567\n", "^", "1: Namn|Ort|Tel\n2: Åsa|Kil|0701234567\n"},
		{"tilde", "Namn~Ort~Tel\nÅsa~Kil, Värmland~0701234567\n", "~", "1: Namn|Ort|Tel\n2: Åsa|Kil, Värmland|0701234567\n"},
		{"colon", "Namn:Ort:Tel\nÅsa:Kil:0701234567\nBo:Umeå:0701234568\n", ":", "1: Namn|Ort|Tel\n2: Åsa|Kil|0701234567\n3: Bo|Umeå|0701234568\n"},
		{"colon of two columns", "Namn:Tel\nÅsa:0701234567\n", ":", "1: Namn|Tel\n2: Åsa|0701234567\n"},
		{"blank", "Förnamn Efternamn Nr\nÅsa Ek 1001\nBo \"von Sydow\" 1002\n", " ", "1: Förnamn|Efternamn|Nr\n2: Åsa|Ek|1001\n3: Bo|von Sydow|1002\n"},
		{"columns in line", "Namn       Ort        Tel\nÅsa Ek     Kil        0701234567\nBo         Stora Åby  0701234568  \n", "  ", "1: Namn|Ort|Tel\n2: Åsa Ek|Kil|0701234567\n3: Bo|Stora Åby|0701234568\n"},
		{"columns in line, one empty", "Namn       Ort        Tel\nÅsa Ek     Kil        0701234567\n" + "Bo                    0701234568\n", ";", "1: Namn Ort Tel\n2: Åsa Ek     Kil        0701234567\n3: Bo                    0701234568\n"},
		{"two bars", "Namn||Ort||Tel\nÅsa||||0701234567\n||Kil||1\n", "||", "1: Namn|Ort|Tel\n2: Åsa||0701234567\n3: |Kil|1\n"},
		{"two semicolons", "Namn;;Ort;;Tel\nÅsa;;Kil;;0701234567\n", ";;", "1: Namn|Ort|Tel\n2: Åsa|Kil|0701234567\n"},
		{"two colons", "Namn::Ort::Tel\nÅsa::Kil::08:30\n", "::", "1: Namn|Ort|Tel\n2: Åsa|Kil|08:30\n"},
		{"bar in tildes", "Namn~|~Ort~|~Tel\nÅsa~|~Kil~|~0701234567\n", "~|~", "1: Namn|Ort|Tel\n2: Åsa|Kil|0701234567\n"},
		{"comma and blank", "Namn, Ort, Tel\nÅsa, \"Kil, Värmland\", 0701234567\n", ", ", "1: Namn|Ort|Tel\n2: Åsa|Kil, Värmland|0701234567\n"},
		{"comma and now and then a blank", "Namn,Ort,Tel\nÅsa, Kil,0701234567\nBo,Umeå, 1\n", ",", "1: Namn|Ort|Tel\n2: Åsa| Kil|0701234567\n3: Bo|Umeå| 1\n"},
		{"marks without width", "\u200bNamn;Ort\nÅsa\u200b;Kil\n\u200bBo;Umeå\n", ";", "1: Namn|Ort\n2: Åsa\u200b|Kil\n3: \u200bBo|Umeå\n"},
		{"blanks that do not break", "Namn\u00a0;Ort\u00a0;Tel\nÅsa\u00a0;Kil\u00a0;1\n", ";", "1: Namn|Ort|Tel\n2: Åsa\u00a0|Kil\u00a0|1\n"},
		{"section sign", "Namn§Ort§Tel\nÅsa§Kil§0701234567\n", "§", "1: Namn|Ort|Tel\n2: Åsa|Kil|0701234567\n"},
		{"empty columns between are columns", "a;;b\n1;x;2\n", ";", "1: a|B|b\n2: 1|x|2\n"},
		{"blanks before a quote", "Namn;Ort\nÅsa;  \"Kil; Värmland\"\nBo; \"x\" y\n", ";", "1: Namn|Ort\n2: Åsa|Kil; Värmland\n3: Bo| \"x\" y [stray-quote 1 false]\n"},

		{"bars between blanks", "Namn   | Ort | Tel\nÅsa Ek | Kil | 0701234567\nBo     |     | 0701234568\n", " | ", "1: Namn|Ort|Tel\n2: Åsa Ek|Kil|0701234567\n3: Bo||0701234568\n"},
		{"semicolons between blanks", "Namn ; Tel\nÅsa ;0701234567\nBo; 0701234568\n", ";", "1: Namn|Tel\n2: Åsa|0701234567\n3: Bo|0701234568\n"},
		{"semicolons with a blank here and there", "Namn;Tel\nÅsa ; 0701234567\n", ";", "1: Namn|Tel\n2: Åsa | 0701234567\n"},
		{"Markdown", "| Namn | Ort |\n|:-----|----:|\n| Åsa  | Kil |\n| Bo   |     |\n", "|", "1: Namn|Ort\n3: Åsa|Kil\n4: Bo|\nnote 2: rule\n"},
		{"Markdown without blanks", "|Namn|Ort|Tel|\n|---|---|---|\n|Åsa|Kil|1|\n||Umeå|2|\n", "|", "1: Namn|Ort|Tel\n3: Åsa|Kil|1\n4: |Umeå|2\nnote 2: rule\n"},
		{"a table as psql draws it", " Namn | Tel\n------+------------\n Åsa  | 0701234567\n Bo   |\n", "|", "1: Namn|Tel\n3: Åsa|0701234567\n4: Bo|\nnote 2: rule\n"},
		{"a table in a frame", "+------+-----+\n| Namn | Ort |\n+------+-----+\n| Åsa  | Kil |\n+------+-----+\n", "|", "2: Namn|Ort\n4: Åsa|Kil\nnote 3: rule\nnote 5: rule\n"},
		{"an empty first column is no frame", "|Namn|Ort\n|Åsa|Kil\n", "|", "1: A|Namn|Ort\n2: |Åsa|Kil\n"},
		{"labels with a line below", "Namn;Ort\n----;---\nÅsa;Kil\n", ";", "1: Namn|Ort\n3: Åsa|Kil\nnote 2: rule\n"},
		{"number signs", "Namn#Ort#Tel\nÅsa#Kil#0701234567\nBo##0701234568\n", "#", "1: Namn|Ort|Tel\n2: Åsa|Kil|0701234567\n3: Bo||0701234568\n"},
		{"unit separators", "Namn\x1fOrt\x1fTel\nÅsa\x1fKil\x1f0701234567\n", "\x1f", "1: Namn|Ort|Tel\n2: Åsa|Kil|0701234567\n"},
		{"a table as R writes it", "\"namn\" \"ort\" \"tel\"\n\"1\" \"Åsa\" \"Kil\" 701\n\"2\" \"Bo Ek\" NA 702\n", " ", "1: A|namn|ort|tel\n2: 1|Åsa|Kil|701\n3: 2|Bo Ek|NA|702\nnote 1: row-numbers\n"},
		{"a table as R writes it, with semicolons", "\"namn\";\"ort\"\n\"1\";\"Åsa\";\"Kil\"\n\"2\";\"Bo\";NA\n", ";", "1: A|namn|ort\n2: 1|Åsa|Kil\n3: 2|Bo|NA\nnote 1: row-numbers\n"},
		{"columns in line as a database prints them", "namn       ort    nr\n---------- ------ -----------\nÅsa Ek     Kil              1\nBo         Umeå             2\n\n(2 rows affected)\n", "  ", "1: namn|ort|nr\n3: Åsa Ek|Kil|1\n4: Bo|Umeå|2\nnote 2: rule\nnote 5: blank-row\nnote 6: footnote\n"},
		{"two tabs", "Namn\t\tOrt\t\tTel\nÅsa\t\tKil\t\t0701234567\n", "\t\t", "1: Namn|Ort|Tel\n2: Åsa|Kil|0701234567\n"},
		{"unit separators, two columns of words below a title", "Lista, november\nNamn\x1fOrt\nEk, Åsa\x1fKil\nLind, Bo\x1fUmeå\n", "\x1f", "2: Namn|Ort\n3: Ek, Åsa|Kil\n4: Lind, Bo|Umeå\nnote 1: title\n"},
		{"record separators between cells", "Namn\x1eOrt\nÅsa\x1eKil\n", "\x1e", "1: Namn|Ort\n2: Åsa|Kil\n"},
		{"a unit separator in one text", "Namn;Ort\nÅsa\x1fEk;Kil\nBo;Umeå\n", ";", "1: Namn|Ort\n2: Åsa\x1fEk|Kil\n3: Bo|Umeå\n"},
		{"the letter thorn", "NamnþOrtþTel\nÅsaþKil, Värmlandþ0701234567\nBoþþ0701234568\n", "þ", "1: Namn|Ort|Tel\n2: Åsa|Kil, Värmland|0701234567\n3: Bo||0701234568\n"},
		{"thorn in names", "Nafn\nHafþór\nÞórður\n", ";", "1: Nafn\n2: Hafþór\n3: Þórður\n"},
		{"arrows", "Namn->Ort->Tel\nÅsa->Kil->070-123 45 67\nBo->->0701234568\n", "->", "1: Namn|Ort|Tel\n2: Åsa|Kil|070-123 45 67\n3: Bo||0701234568\n"},
		{"arrows below a title", "Lista 2026-11-23\n\nNamn->Tel\nÅsa->0701234567\nBo->0701234568\n", "->", "3: Namn|Tel\n4: Åsa|0701234567\n5: Bo|0701234568\nnote 1: title\n"},
		{"two at signs", "Namn@@Mejl\nÅsa@@asa@example.se\n\"Bo@@Li\"@@bo@example.se\n", "@@", "1: Namn|Mejl\n2: Åsa|asa@example.se\n3: Bo@@Li|bo@example.se\n"},
		{"a bar between at signs", "Namn@|@Ort@|@Tel\nÅsa@|@Kil@|@1\n", "@|@", "1: Namn|Ort|Tel\n2: Åsa|Kil|1\n"},
		{"dashes between blanks", "Namn - Ort - Tel\nAnna-Lena Ek - Kil - 070-123 45 67\nBo Ek - Umeå - 1\n", " - ", "1: Namn|Ort|Tel\n2: Anna-Lena Ek|Kil|070-123 45 67\n3: Bo Ek|Umeå|1\n"},
		{"dollar signs", "Namn$Ort$Tel\nÅsa$Kil$0701234567\n", "$", "1: Namn|Ort|Tel\n2: Åsa|Kil|0701234567\n"},
		{"one column of addresses of pages", "Webb\nhttps://a.example.se\nhttps://b.example.se\n", ";", "1: Webb\n2: https://a.example.se\n3: https://b.example.se\n"},
		{"one column of mail addresses", "Mejl\na@example.se\nb@example.se\n", ";", "1: Mejl\n2: a@example.se\n3: b@example.se\n"},
		{"one column of dates", "År/månad/dag\n2026/11/23\n2026/11/24\n", ";", "1: År/månad/dag\n2: 2026/11/23\n3: 2026/11/24\n"},
		{"one column of full names", "Namn - efternamn sist\nÅsa - Ek\nBo - Ek\n", ";", "1: Namn - efternamn sist\n2: Åsa - Ek\n3: Bo - Ek\n"},
		{"numbers below zero", "Namn;-kr\nÅsa;-1\nBo;-20\n", ";", "1: Namn|-kr\n2: Åsa|-1\n3: Bo|-20\n"},
		{"one column of slashes", "Kund/nr\nA/1\nB/2\n", ";", "1: Kund/nr\n2: A/1\n3: B/2\n"},

		{"single quotes", "'Namn';'Ort'\n'Åsa';'Kil'\n", ";", "1: Namn|Ort\n2: Åsa|Kil\n"},
		{"single quotes where they are needed", "Namn,Ort\nÅsa,'Kil, Värmland'\nO''Hara,'O''Hara, Co'\n", ",", "1: Namn|Ort\n2: Åsa|Kil, Värmland\n3: O''Hara|O'Hara, Co\n"},
		{"apostrophes", "Namn,Ort\nO'Hara,L'Aquila\n'n Roll,'quoted'\n", ",", "1: Namn|Ort\n2: O'Hara|L'Aquila\n3: 'n Roll|'quoted'\n"},
		{"the mark of a text", "Namn;Tel\nÅsa;'0701234567\nBo;'0701234568\n", ";", "1: Namn|Tel\n2: Åsa|'0701234567\n3: Bo|'0701234568\n"},

		{"escaped quotes", `Namn;Text` + "\n" + `Åsa;"sa \"hej\"; gick"` + "\n" + `Bo;"C:\\"` + "\n", ";", "1: Namn|Text\n2: Åsa|sa \"hej\"; gick\n3: Bo|C:\\\n"},
		{"escaped delimiters", "Namn,Ort\nÅsa,Kil\\, Värmland\nBo,a\\b\n", ",", "1: Namn|Ort\n2: Åsa|Kil, Värmland\n3: Bo|a\\b\n"},
		{"folders", "Namn;Mapp\nÅsa;\"C:\\\"\nBo;\"\\\\server\\bo\"\n", ";", "1: Namn|Mapp\n2: Åsa|C:\\\n3: Bo|\\\\server\\bo\n"},

		{"one column of full names", "Namn\nÅsa Ek\nBo Ek\n", ";", "1: Namn\n2: Åsa Ek\n3: Bo Ek\n"},
		{"one column of two words", "För namn\nÅsa Ek\nBo Ek\n", ";", "1: För namn\n2: Åsa Ek\n3: Bo Ek\n"},
		{"one column of times", "Tid\n08:00\n09:00\n", ";", "1: Tid\n2: 08:00\n3: 09:00\n"},
		{"times without a label", "08:00\n09:00\n", ";", "0: A\n1: 08:00\n2: 09:00\nnote 1: no-header\n"},
		{"one column of names with commas", "Namn\nEk, Åsa\nÖberg, Bo\n", ";", "1: Namn\n2: Ek, Åsa\n3: Öberg, Bo\n"},
		{"one column of names below a label with a comma", "Namn, efternamn först\nEk, Åsa\nÖberg\nvon Sydow, Bo\n", ";", "1: Namn, efternamn först\n2: Ek, Åsa\n3: Öberg\n4: von Sydow, Bo\nnote 0: one-column\n"},
		{"one column of names in quotes below a label with a comma", "Namn, efternamn först\n\"Ek, Åsa\"\n\"Öberg, Bo\"\n", ";", "1: Namn, efternamn först\n2: Ek, Åsa\n3: Öberg, Bo\nnote 0: one-column\n"},
		{"one column of addresses below a label with brackets", "Adress (gata, postnr, ort)\nStorg. 1, 665 30, Kil\nLillg. 2, 903 27, Umeå\n", ";", "1: Adress (gata, postnr, ort)\n2: Storg. 1, 665 30, Kil\n3: Lillg. 2, 903 27, Umeå\nnote 0: one-column\n"},
		{"two columns below labels of several words", "Namn, telefon till arbetet\nÅsa, 0701234567\nBo, 0701234568\n", ", ", "1: Namn|telefon till arbetet\n2: Åsa|0701234567\n3: Bo|0701234568\n"},
		{"two columns that may be one", "Efternamn, Förnamn\nEk, Åsa\nÖberg, Bo\n", ", ", "1: Efternamn|Förnamn\n2: Ek|Åsa\n3: Öberg|Bo\nnote 0: two-columns\n"},
		{"three columns below a title with brackets", "Lista (nya, november)\nNamn, Ort, Tel\nÅsa, Kil, 0701234567\nBo, Umeå, 0701234568\n", ", ", "2: Namn|Ort|Tel\n3: Åsa|Kil|0701234567\n4: Bo|Umeå|0701234568\nnote 1: title\n"},
		{"one column of addresses", "Adress\nStorg. 1, 665 30 Kil\nLillg. 2, 903 27 Umeå\n", ";", "1: Adress\n2: Storg. 1, 665 30 Kil\n3: Lillg. 2, 903 27 Umeå\n"},
		{"one column of amounts", "Belopp\n12,50 kr\n100 kr\n3,75 kr\n", ";", "1: Belopp\n2: 12,50 kr\n3: 100 kr\n4: 3,75 kr\n"},
		{"one column of numbers with thousands", "Belopp\n1,500\n2,250,000\n300\n", ";", "1: Belopp\n2: 1,500\n3: 2,250,000\n4: 300\n"},
		{"one column of sentences", "Text\nHej, hur mår du?\nBra; tack, och du?\nJo, bra.\n", "\t", "1: Text\n2: Hej, hur mår du?\n3: Bra; tack, och du?\n4: Jo, bra.\n"},
		{"a title above two columns", "Lista\nÅsa,0701234567\nBo,0701234568\n", ",", "0: A|B\n2: Åsa|0701234567\n3: Bo|0701234568\nnote 1: title\nnote 2: no-header\n"},
		{"a title above two columns of words", "Lista\nNamn,Ort\nÅsa,Kil\nBo,Umeå\n", ",", "2: Namn|Ort\n3: Åsa|Kil\n4: Bo|Umeå\nnote 1: title\n"},
		{"a title above three columns", "Lista\nÅsa,Kil,Sälj\nBo,Umeå,IT\n", ",", "2: Åsa|Kil|Sälj\n3: Bo|Umeå|IT\nnote 1: title\n"},
		{"decimal commas between blanks", "a b c\n1,5 2,5 3,5\n4,5 5,5 6,5\n", " ", "1: a|b|c\n2: 1,5|2,5|3,5\n3: 4,5|5,5|6,5\n"},
		{"sentences", "Detta är en rad\nDetta är en till\nDetta är den sista raden\n", ";", "1: Detta är en rad\n2: Detta är en till\n3: Detta är den sista raden\n"},

		{"one column of addresses with as many commas each", "address\n12 High St, London, UK\n4 Low Rd, Leeds, UK\n", ";", "1: address\n2: 12 High St, London, UK\n3: 4 Low Rd, Leeds, UK\n"},
		{"one column of addresses with a number between commas", "adress\nStorg. 1, 665 30, Kil\nLillg. 2, 903 27, Umeå\n", ";", "1: adress\n2: Storg. 1, 665 30, Kil\n3: Lillg. 2, 903 27, Umeå\n"},
		{"three columns below a label of addresses", "Adress\nÅsa,Storg.,12\nBo,Lillg.,13\n", ",", "0: A|B|C\n2: Åsa|Storg.|12\n3: Bo|Lillg.|13\nnote 1: title\nnote 2: no-header\n"},
		{"one column of lists", "tags\nred,green\nblue,red\n", ";", "1: tags\n2: red,green\n3: blue,red\n"},
		{"one column of lists of other lengths", "tags\nred,green\nblue\n", ";", "1: tags\n2: red,green\n3: blue\n"},
		{"one column of lists with bars", "genres\nAction|Drama\nComedy\n", ";", "1: genres\n2: Action|Drama\n3: Comedy\n"},
		{"one column of addresses of pages with bars", "url\nhttps://a.se/?q=a|b\nhttps://b.se/?q=c|d\n", ";", "1: url\n2: https://a.se/?q=a|b\n3: https://b.se/?q=c|d\n"},
		{"one column of tildes", "x\n~5\n~6\n", ";", "1: x\n2: ~5\n3: ~6\n"},
		{"one column of sentences, some without commas", "Review\nNice, clean, and good.\nNot bad.\n", ";", "1: Review\n2: Nice, clean, and good.\n3: Not bad.\n"},
		{"a remark below a title and three columns", "Personal\nÅsa, Kil, Sälj\nBo, Umeå, IT\nAntal: 2\n", ", ", "2: Åsa|Kil|Sälj\n3: Bo|Umeå|IT\nnote 1: title\nnote 4: footnote\n"},
		{"a title in small letters above two columns", "personal\nNamn;Enhet;Ort\nÅsa;Sälj;Kil\n", ";", "2: Namn|Enhet|Ort\n3: Åsa|Sälj|Kil\nnote 1: title\n"},
		{"a title above labels with a blank between", "Personallista\nNamn, Ort\nÅsa, Kil\n", ", ", "2: Namn|Ort\n3: Åsa|Kil\nnote 0: two-columns\nnote 1: title\n"},
		{"a title that ends as titles do", "personallista\nÅsa,Kil,Sälj\nBo,Umeå,IT\n", ",", "2: Åsa|Kil|Sälj\n3: Bo|Umeå|IT\nnote 1: title\n"},
		{"tabs below one label", "namn\nÅsa\tKil\nBo\tUmeå\n", "\t", "2: Åsa|Kil\n3: Bo|Umeå\nnote 1: title\n"},
		{"quotes below one label", "namn\n\"Åsa\",\"Kil\"\n\"Bo\",\"Umeå\"\n", ",", "2: Åsa|Kil\n3: Bo|Umeå\nnote 1: title\n"},
		{"two byte order marks", "\ufeff\ufeff\"Nr\";\"Namn\"\n\"1\";\"Bo\"\n", ";", "1: Nr|Namn\n2: 1|Bo\n"},
		{"two colons and bars in a cell, without labels", "1::Toy Story (1995)::Animation|Comedy\n2::Heat (1995)::Action|Crime\n", "::", "0: A|B|C\n1: 1|Toy Story (1995)|Animation|Comedy\n2: 2|Heat (1995)|Action|Crime\nnote 1: no-header\n"},
		{"two colons and as many bars in a cell", "1::Toy Story::Animation|Children|Comedy\n2::Heat::Action|Crime|Thriller\n", "::", "0: A|B|C\n1: 1|Toy Story|Animation|Children|Comedy\n2: 2|Heat|Action|Crime|Thriller\nnote 1: no-header\n"},
		{"two colons in a cell", "Namn;Typ\nÅsa;std::a::b\nBo;std::c::d\n", ";", "1: Namn|Typ\n2: Åsa|std::a::b\n3: Bo|std::c::d\n"},
		{"colons and folders, without labels", "root:x:0:0:root:/root:/bin/bash\nbo:x:1000:1000:Bo:/home/bo:/bin/sh\n", ":", "0: A|B|C|D|E|F|G\n1: root|x|0|0|root|/root|/bin/bash\n2: bo|x|1000|1000|Bo|/home/bo|/bin/sh\nnote 1: no-header\n"},
		{"one column of addresses of devices", "00:11:2b:3c:4d:5e\n01:12:2c:3d:4e:5f\n", ";", "1: 00:11:2b:3c:4d:5e\n2: 01:12:2c:3d:4e:5f\n"},
		{"a title in small letters above labels that nobody knows", "personal\nAnställd;Placering\nÅsa Ek;Kil\nBo Li;Umeå\n", ";", "2: Anställd|Placering\n3: Åsa Ek|Kil\n4: Bo Li|Umeå\nnote 1: title\n"},
		{"French in Mac Roman", "nom;ville\nFran\x8dois;Besan\x8don\n\x83lo\x95se;N\x94mes\n", ";", "1: nom|ville\n2: François|Besançon\n3: Éloïse|Nîmes\n"},
		{"German in CP850", "Name;Ort\nM\x81ller;F\x81rth\n", ";", "1: Name|Ort\n2: Müller|Fürth\n"},
		{"blanks at the ends", "x y z \n1 2 3 \n4 5 6 \n", " ", "1: x|y|z\n2: 1|2|3\n3: 4|5|6\n"},
		{"blanks at the beginnings", " x y z\n 1 2 3\n 4 \"5 5\" 6\n", " ", "1: x|y|z\n2: 1|2|3\n3: 4|5 5|6\n"},
		{"columns in line with one blank between some", "id  name   score\n1   bo     3.5\n22  lisa   4.5\n333 maria  5.5\n", " ", "1: id|name|score\n2: 1|bo|3.5\n3: 22|lisa|4.5\n4: 333|maria|5.5\n"},
		{"columns in line on the right", " nr name kr\n  1   bo  3\n 22 lisa 14\n", " ", "1: nr|name|kr\n2: 1|bo|3\n3: 22|lisa|14\n"},
		{"columns in line, one empty in all rows", "Namn   Ort    Tel\nÅsa Ek        0701234567\nBo Li         0701234568\n", ";", "1: Namn Ort Tel\n2: Åsa Ek        0701234567\n3: Bo Li         0701234568\n"},
		{"numbers between blanks, without labels", "1 2.5 3\n4 5.5 6\n", " ", "0: A|B|C\n1: 1|2.5|3\n2: 4|5.5|6\nnote 1: no-header\n"},
		{"numbers with exponents between blanks", "1.5e-3 2 3\n0.1 0.25 -3.5\n", " ", "0: A|B|C\n1: 1.5e-3|2|3\n2: 0.1|0.25|-3.5\nnote 1: no-header\n"},
		{"numbers with blanks for thousands", "1 234 567\n2 345 678\n", ";", "0: A\n1: 1 234 567\n2: 2 345 678\nnote 1: no-header\n"},
		{"phones with blanks", "08 123.4 56\n08 124.4 57\n", ";", "0: A\n1: 08 123.4 56\n2: 08 124.4 57\nnote 1: no-header\n"},
		{"escaped quotes between blanks", "a b c\n1 \"x \\\"y\\\" z\" 3\n4 \"u\" 6\n", " ", "1: a|b|c\n2: 1|x \"y\" z|3\n3: 4|u|6\n"},
		{"escaped quotes between colons", "\"id\":\"text\":\"n\"\n\"1\":\"x \\\"y\\\": z\":\"3\"\n\"4\":\"u\":\"6\"\n", ":", "1: id|text|n\n2: 1|x \"y\": z|3\n3: 4|u|6\n"},
		{"escaped quotes between arrows", "id->text->n\n1->\"x \\\"y\\\"->z\"->3\n4->u->6\n", "->", "1: id|text|n\n2: 1|x \"y\"->z|3\n3: 4|u|6\n"},
		{"a title in small letters above one label that always is", "anställda\nTilltalsnamn;Lag\nÅsa;Sälj\nBo;IT\n", ";", "2: Tilltalsnamn|Lag\n3: Åsa|Sälj\n4: Bo|IT\nnote 1: title\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := write(t, "in.csv", []byte(test.in))
			if d := cmp.Diff(test.want, dump(t, path, Options{})); d != "" {
				t.Error(d)
			}
			f, err := Open(path, Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if f.Delimiter != test.delimiter {
				t.Errorf("delimiter %q, not %q", f.Delimiter, test.delimiter)
			}
		})
	}
}

// TestGivenBlank names the blank as the delimiter of columns that are set in line.
func TestGivenBlank(t *testing.T) {
	const in = "nr  name\n1   bo\n22  \"li ek\"\n"
	if d := cmp.Diff("1: nr|name\n2: 1|bo\n3: 22|li ek\n", dump(t, write(t, "in.csv", []byte(in)), Options{Delimiter: " "})); d != "" {
		t.Error(d)
	}
}

// writing is how a table of random shape is written.
type writing struct {
	delimiter, quote, end, encoding string
	all, backslash, last            bool // all cells in quotes; quotes escaped by a backslash; an end behind the last line
}

func (w writing) cell(s string) string {
	needs := strings.ContainsAny(s, w.quote+"\n") || strings.Contains(s, strings.TrimSpace(w.delimiter)) || strings.Contains(s, w.delimiter)
	if !w.all && !needs {
		return s
	}
	if w.backslash {
		s = strings.NewReplacer(`\`, `\\`, w.quote, `\`+w.quote).Replace(s)
	} else {
		s = strings.ReplaceAll(s, w.quote, w.quote+w.quote)
	}
	return w.quote + s + w.quote
}

func (w writing) bytes(t *testing.T, records [][]string) []byte {
	t.Helper()
	var lines []string
	for _, record := range records {
		cells := make([]string, len(record))
		for i, s := range record {
			cells[i] = w.cell(s)
		}
		lines = append(lines, strings.Join(cells, w.delimiter))
	}
	text := strings.Join(lines, w.end)
	if w.last {
		text += w.end
	}
	var chars *charmap.Charmap
	switch w.encoding {
	case "utf-8":
		return []byte(text)
	case "utf-8 with mark":
		return []byte("\ufeff" + text)
	case "utf-16le", "utf-16be":
		var b []byte
		for _, u := range utf16.Encode([]rune("\ufeff" + text)) {
			if w.encoding == "utf-16be" {
				u = u>>8 | u<<8
			}
			b = append(b, byte(u), byte(u>>8))
		}
		return b
	case "windows-1252":
		chars = charmap.Windows1252
	case "macintosh":
		chars = charmap.Macintosh
	case "cp850":
		chars = charmap.CodePage850
	}
	b, err := chars.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// columnKinds are labels with what may stand below them.
var columnKinds = []struct {
	label  string
	values []string
}{
	{"Förnamn", []string{"Åsa", "Bo", "Anna-Lena", "Zoë", "D'Arcy", "Örjan"}},
	{"Efternamn", []string{"Ek", "von Sydow", "Öberg", "O'Hara", "Åkesson"}},
	{"E-post", []string{"asa@example.se", "bo.ek@example.com", "", "x_y@example.org"}},
	{"Mobil", []string{"0701234567", "070-123 45 67", "+46 70 123 45 67", "+46701234569"}},
	{"Startdatum", []string{"2026-12-01", "2027-01-15", "1/12 2026", ""}},
	{"Lön", []string{"31500", "28 000", "31500.50", "1,5", "12,75"}},
	{"Kommentar", []string{"", "Börjar kl. 8; plan 2", "Vikarie, halvtid", "sa \"hej\" och gick", "två\nrader", "5\" rör", "ring 'Bo' | Åsa", "a; b, c", "kl. 08:30 ~ ^"}},
	{"Avdelning", []string{"Sälj", "Lager & Logistik", "IT", "Försäljning (norr)"}},
	{"Anställningsnr", []string{"1001", "1002", "000017", "A-17"}},
}

// TestDialectDifferential writes tables of random shape in all dialects and encodings, and reads them with nothing named: what comes
// out is what was written, and what encoding/csv reads wherever it can read the file.
func TestDialectDifferential(t *testing.T) {
	files := 300
	if os.Getenv("ORDERIMPORT_TEST_ALL") != "" || os.Getenv("ORDERIMPORT_TEST_LONG") != "" {
		files = 3000
	}
	pick := func(rnd *rand.Rand, of ...string) string { return of[rnd.IntN(len(of))] }
	folder := t.TempDir()
	compared := 0
	for seed := range files {
		rnd := rand.New(rand.NewPCG(uint64(seed), 4))
		w := writing{
			delimiter: pick(rnd, ";", ",", "\t", "|", ";", ",", "^", "~", "||", ";;", ", ", "::", "~|~"),
			quote:     pick(rnd, `"`, `"`, `"`, "'"),
			end:       pick(rnd, "\n", "\r\n", "\r\n", "\r"),
			encoding:  pick(rnd, "utf-8", "utf-8", "utf-8 with mark", "windows-1252", "windows-1252", "utf-16le", "utf-16be", "macintosh", "cp850"),
			all:       rnd.IntN(4) == 0,
			backslash: rnd.IntN(4) == 0,
			last:      rnd.IntN(3) > 0,
		}
		kinds := slices.Clone(columnKinds)
		rnd.Shuffle(len(kinds), func(i, j int) { kinds[i], kinds[j] = kinds[j], kinds[i] })
		kinds = kinds[:3+rnd.IntN(len(kinds)-2)]
		records := [][]string{nil}
		for _, k := range kinds {
			records[0] = append(records[0], k.label)
		}
		for n := range 3 + rnd.IntN(30) {
			var record []string
			for _, k := range kinds {
				record = append(record, pick(rnd, k.values...))
			}
			if strings.Join(record, "") == "" {
				record[0] = fmt.Sprint(n)
			}
			records = append(records, record)
		}
		data := w.bytes(t, records)
		path := folder + "/in.csv"
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := Open(path, Options{})
		if err != nil {
			t.Errorf("seed %d, %+v: %v\n%s", seed, w, err, data)
			continue
		}
		got := [][]string{f.Columns}
		for row, err := range f.Rows() {
			if err != nil {
				t.Fatal(err)
			}
			var cells []string
			for _, c := range row.Cells {
				cells = append(cells, c.Text)
			}
			if slices.ContainsFunc(row.Faults, func(f Fault) bool { return f.Fatal }) {
				cells = append(cells, fmt.Sprint(row.Faults))
			}
			got = append(got, cells)
		}
		f.Close()
		if d := cmp.Diff(records, got); d != "" || f.Delimiter != w.delimiter {
			t.Errorf("seed %d, %+v, read with %q in %s: %s\n%s", seed, w, f.Delimiter, f.Encoding, d, data)
		}
		// encoding/csv knows neither other quotes, delimiters of two characters, backslashes, a lone CR nor encodings.
		if w.quote != `"` || len(w.delimiter) > 1 || w.backslash || w.end == "\r" || w.encoding != "utf-8" {
			continue
		}
		r := csv.NewReader(bytes.NewReader(data))
		r.Comma = rune(w.delimiter[0])
		other, err := r.ReadAll()
		if err != nil {
			t.Errorf("seed %d: encoding/csv: %v", seed, err)
		} else if d := cmp.Diff(other, got); d != "" {
			t.Errorf("seed %d: other than encoding/csv: %s", seed, d)
		}
		compared++
	}
	if compared < files/50 {
		t.Errorf("only %d of %d files were compared with encoding/csv", compared, files)
	}
}

// TestCutPlain cuts random lines by the fast way and by the one for all lines.
func TestCutPlain(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	const letters = ";;;;abcdeåö,|'\r\n\n\" \x80\x00\x3a\xbb"
	for range 20_000 {
		line := make([]byte, rnd.IntN(40))
		for i := range line {
			line[i] = letters[rnd.IntN(rnd.IntN(len(letters))+1)]
		}
		for _, quote := range []byte{'"', '\'', 0} {
			cutBoth(t, line, quote)
		}
	}
}

// cutBoth cuts a text into records by a dialect whose lines may be cut the fast way, and by one with an escape that the text
// does not have, whose lines never are.
func cutBoth(t *testing.T, b []byte, quote byte) {
	const escape = 0x01
	if bytes.IndexByte(b, escape) >= 0 {
		return
	}
	fast, slow := newDialect(";", quote, 0), newDialect(";", quote, escape)
	var got, want record
	for rest := b; len(rest) > 0; {
		n, _ := fast.cut(rest, true, &got)
		m, _ := slow.cut(rest, true, &want)
		if n != m || got.lines != want.lines || !slices.Equal(got.fields, want.fields) || len(got.faults) != len(want.faults) {
			t.Fatalf("%q with quote %q: %d bytes %+v, not %d bytes %+v", rest, quote, n, got, m, want)
		}
		rest = rest[n:]
	}
}
