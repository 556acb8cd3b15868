package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"orderimport/importer"
	"orderimport/importer/ledger"
	"orderimport/report"
	"orderimport/validate"
)

// Wording. Every sentence of the program but those of findings stands here, Swedish and English side by side.
//
//   - Messages go to standard error, results to standard output.
//   - Errors begin with what they are about, in lower case, and end without a full stop; what was read stands in %q.
//   - A hint says what to do next.

// phrase is one sentence in both languages.
type phrase struct{ sv, en string }

func (p phrase) in(lang validate.Lang) string {
	if lang == validate.Swedish {
		return p.sv
	}
	return p.en
}

// plain is a sentence that comes from elsewhere, in one language.
func plain(s string) phrase { return phrase{s, s} }

func nearestHint(name string) phrase {
	if name == "" {
		return phrase{}
	}
	return phrase{sv: fmt.Sprintf("menade du %q?", name), en: fmt.Sprintf("did you mean %q?", name)}
}

var (
	textRows       = phrase{sv: "%d rader", en: "%d rows"}
	textOneRow     = phrase{sv: "1 rad", en: "1 row"}
	textHint       = phrase{sv: "tips", en: "hint"}
	textPanic      = phrase{sv: "orderimport: internt fel (%s); vad som är beställt står i liggaren, se `orderimport runs`", en: "orderimport: internal fault (%s); what has been ordered stands in the ledger, see `orderimport runs`"}
	textBadSetting = phrase{sv: "%s: %s kan inte vara %q", en: "%s: %s cannot be %q"}
	textBadLang    = phrase{sv: "--lang kan inte vara %q: sv eller en", en: "--lang cannot be %q: sv or en"}
	textBadFormat  = phrase{sv: "--format kan inte vara %q: text eller json", en: "--format cannot be %q: text or json"}
	textArgs       = phrase{sv: "%s tar %s, fick %d argument", en: "%s takes %s, got %d arguments"}
	textNoArgs     = phrase{sv: "%s tar inget argument, fick %q", en: "%s takes no argument, got %q"}

	textConfigUnreadable  = phrase{sv: "inställningsfilen %s kan inte läsas", en: "config file %s cannot be read"}
	textConfigSyntax      = phrase{sv: "inställningsfilen %s: %s", en: "config file %s: %s"}
	textConfigKey         = phrase{sv: "inställningsfilen %s: okänd inställning %q", en: "config file %s: unknown key %q"}
	textProfileUnreadable = phrase{sv: "profilen %s kan inte läsas", en: "profile %s cannot be read"}
	textNoHome            = phrase{sv: "ingen hemkatalog för liggaren", en: "no home folder for the ledger"}
	textFileUnwritable    = phrase{sv: "%s kan inte skrivas", en: "%s cannot be written"}

	textRecovered  = phrase{sv: "en tidigare process slutade med rader på väg: %d; de är nu i tvivel", en: "an earlier process ended with rows under way: %d; they are now in doubt"}
	textNoRun      = phrase{sv: "det finns ingen körning %s i liggaren", en: "there is no run %s in the ledger"}
	textNoRuns     = phrase{sv: "inga körningar ännu", en: "no runs yet"}
	textNoOutput   = phrase{sv: "report behöver -o FIL", en: "report needs -o FILE"}
	textBadStatus  = phrase{sv: "--only känner inte status %q", en: "--only does not know status %q"}
	textWritten    = phrase{sv: "skrev %s", en: "wrote %s"}
	textBadRows    = phrase{sv: "rader skrivs som 5,9,12-14, inte %q", en: "rows are written like 5,9,12-14, not %q"}
	textResolveUse = phrase{sv: "resolve tar ett av --ordered NUMMER (en rad), --send och --close, och alltid --reason", en: "resolve takes one of --ordered NUMBER (one row), --send and --close, and always --reason"}
	textTypeRows   = phrase{sv: "Raderna blir %s. Skriv raderna (%s) för att bekräfta:", en: "The rows become %s. Type the rows (%s) to confirm:"}
	textResolved   = phrase{sv: "avgjorda rader: %d", en: "rows resolved: %d"}

	textNothingDone = phrase{sv: "ingenting gjordes", en: "nothing was done"}
	textNoTerminal  = phrase{sv: "här finns ingen terminal att fråga på", en: "there is no terminal to ask on"}
	textLiveYes     = phrase{sv: "--yes på live kräver --max-orders", en: "--yes on live needs --max-orders"}
	textLiveDoubts  = phrase{sv: "--stop-after-doubts 0 tillåts inte på live", en: "--stop-after-doubts 0 is refused on live"}
	textNoLimit     = phrase{sv: "--rate 0 (utan gräns) tillåts bara mot den egna datorn", en: "--rate 0 (no limit) is for loopback only"}
	textRate        = phrase{sv: "--rate kan inte vara %v", en: "--rate cannot be %v"}
	textWorkers     = phrase{sv: "--workers ska vara 1 till %d, inte %d", en: "--workers must be 1 to %d, not %d"}
	textNegative    = phrase{sv: "--%s kan inte vara %d", en: "--%s cannot be %d"}
	textHidden      = phrase{sv: "--hidden kan inte vara %q: hold, skip eller take", en: "--hidden cannot be %q: hold, skip or take"}
	textSealed      = phrase{sv: "--%s är förseglat i körningen och kan inte ändras", en: "--%s is sealed in the run and cannot be changed"}
	textOwnInput    = phrase{sv: "%s är indatafilen själv", en: "%s is the input itself"}

	textRead         = phrase{sv: "%s: %s, rubriker på rad %d, %d kolumner", en: "%s: %s, header on row %d, %d columns"}
	textMapped       = phrase{sv: "kolumnerna passades ihop så här (spara med `orderimport map`):", en: "the columns were matched like this (save it with `orderimport map`):"}
	textOpen         = phrase{sv: "öppen fråga: fältet %s: %s", en: "open question: field %s: %s"}
	textNoColumn     = phrase{sv: "ingen kolumn passar", en: "no column fits"}
	textOneOf        = phrase{sv: "någon av %s", en: "one of %s"}
	textMoreFindings = phrase{sv: "… och %d anmärkningar till (alla står i resultatet, --result)", en: "… and %d more findings (all of them are in a result, --result)"}
	textNote         = phrase{sv: "obs: %s", en: "note: %s"}
	textInvalidStop  = phrase{sv: "inget av filen lagrades eller skickades; ogiltiga rader: %d; rätta dem, eller skicka de goda med --skip-invalid", en: "nothing of the file was stored or sent; invalid rows: %d; mend them, or send the good ones with --skip-invalid"}
	textStaged       = phrase{sv: "lagrad som körning %s; skicka med `orderimport submit %s`", en: "stored as run %s; send it with `orderimport submit %s`"}
	textNothingReady = phrase{sv: "ingen rad är redo att skickas", en: "no row is ready to be sent"}
	textNewCustomer  = phrase{sv: "den här liggaren har aldrig beställt för kund %s; två liggare kan inte skydda varandra", en: "this ledger has never ordered for customer %s; two ledgers cannot protect each other"}
	textOldResults   = phrase{sv: "bredvid indatafilen ligger resultat från förr: %s", en: "beside the input lie earlier results: %s"}
	textAsk          = phrase{sv: "Skicka %d beställningar till %s? [j/N]", en: "Send %d orders to %s? [y/N]"}
	textAskLive      = phrase{sv: "LIVE: %d beställningar till %s kostar pengar. Skriv antalet för att skicka:", en: "LIVE: %d orders to %s cost money. Type the number to send them:"}
	textAnswerNo     = phrase{sv: "ingenting skickades; körningen kan skickas senare med `orderimport submit %s`", en: "nothing was sent; send the run later with `orderimport submit %s`"}

	textDraining     = phrase{sv: "avslutar: inga nya rader, väntar på svaren som är på väg", en: "stopping: no new rows, waiting for the answers under way"}
	textWouldDoubt   = phrase{sv: "en gång till avslutar genast; då blir dessa rader i tvivel: %s", en: "once more ends at once; these rows would then be in doubt: %s"}
	textPaused       = phrase{sv: "API:et bad om paus: väntar %s (%s)", en: "the API asked for a pause: waiting %s (%s)"}
	textUnreachable  = phrase{sv: "API:et nås inte, försöker igen om %s (%s)", en: "the API cannot be reached, trying again in %s (%s)"}
	textLost         = phrase{sv: "rad %d: beställningen %s finns, men liggaren kunde inte skriva upp den; skriv upp den", en: "row %d: order %s exists, but the ledger could not book it; write it down"}
	textStopped      = phrase{sv: "stoppad (%s) %s", en: "stopped (%s) %s"}
	textExists       = phrase{sv: "%s finns redan", en: "%s is there already"}
	textReport       = phrase{sv: "resultatet kan skrivas igen med `orderimport report %s -o FIL`", en: "write the result again with `orderimport report %s -o FILE`"}
	textGoOn         = phrase{sv: "gå vidare med `orderimport submit %s`", en: "go on with `orderimport submit %s`"}
	textDoubtRows    = phrase{sv: "ovissa rader: %d; de kan vara beställda; fråga leverantören, sedan `orderimport resolve %s …`", en: "rows in doubt: %d; they may have been ordered; ask the vendor, then `orderimport resolve %s …`"}
	textProgress     = phrase{sv: "%d/%d skickade, %d beställda, %d andra", en: "%d/%d sent, %d ordered, %d other"}
	textBar          = phrase{sv: "skickar", en: "sending"}
	textSandbox      = phrase{sv: "sandlådan svarar på %s (vilken nyckel som helst duger); Ctrl-C avslutar", en: "the sandbox listens on %s (any token will do); Ctrl-C ends it"}
	textDemo         = phrase{sv: "demo: %s beställs på den inbyggda sandlådan", en: "demo: %s is ordered on the built-in sandbox"}
	textNotEmpty     = phrase{sv: "mappen %s är inte tom", en: "the folder %s is not empty"}
	textDemoExit     = phrase{sv: "demo slutar med 0; `submit` hade slutat med %d", en: "demo ends with 0; `submit` would have ended with %d"}
	textAudit        = phrase{sv: "sandlådans egen lista: %d beställningar, alla i resultatet", en: "the sandbox's own audit: %d orders, every one of them in the result"}
	textAuditDiffers = phrase{sv: "sandlådans lista och resultatet skiljer sig: %s", en: "the sandbox's audit and the result differ: %s"}
)

var (
	hintHelp        = phrase{sv: "se --help", en: "see --help"}
	hintToken       = phrase{sv: "lägg nyckeln i ORDERIMPORT_TOKEN eller i en fil som ORDERIMPORT_TOKEN_FILE namnger; den skapas för en Connect-användare med rätten \"API åtkomst\"", en: "put the token into ORDERIMPORT_TOKEN, or into a file named by ORDERIMPORT_TOKEN_FILE; it is made for a Connect user with the right \"API åtkomst\""}
	hintCertificate = phrase{sv: "stämmer datorns klocka? går trafiken genom en proxy med eget certifikat, ge det med --ca-file", en: "is this machine's clock right? where a proxy with a certificate of its own is on the way, give it with --ca-file"}
	hintUnreachable = phrase{sv: "kontrollera nätet, HTTPS_PROXY och --endpoint; ingenting skickades", en: "check the network, HTTPS_PROXY and --endpoint; nothing was sent"}
	hintEndpoint    = phrase{sv: "--endpoint är live, test, sandbox eller en URL som börjar med https://", en: "--endpoint is live, test, sandbox or a URL that begins with https://"}
	hintPackages    = phrase{sv: "`orderimport packages` visar vad som kan beställas; ge det med --package", en: "`orderimport packages` shows what may be ordered; give it with --package"}
	hintMany        = phrase{sv: "är det rätt fil? ingenting skickades", en: "is it the right file? nothing was sent"}
	hintChanged     = phrase{sv: "kontrollera filen igen med validate och gör en ny körning; ingenting skickades", en: "check the file again with validate and stage it anew; nothing was sent"}
	hintFile        = phrase{sv: "kontrollera sökvägen och rättigheterna", en: "check the path and the permissions"}
	hintConfig      = phrase{sv: "se README om inställningar", en: "see the README about settings"}
	hintProfile     = phrase{sv: "`orderimport map FIL --package P -o profil.yaml` skriver en", en: "`orderimport map FILE --package P -o profile.yaml` writes one"}
	hintLedger      = phrase{sv: "ge liggarens fil med --ledger", en: "give the ledger's file with --ledger"}
	hintRuns        = phrase{sv: "`orderimport runs` visar körningarna och deras rader", en: "`orderimport runs` shows the runs and their rows"}
	hintStatus      = phrase{sv: "notSent, sending, ordered, rejected, inDoubt, invalid, held, duplicate, skipped, closed", en: "notSent, sending, ordered, rejected, inDoubt, invalid, held, duplicate, skipped, closed"}
	hintYes         = phrase{sv: "--yes frågar inte", en: "--yes asks nothing"}
	hintLiveYes     = phrase{sv: "--max-orders N är den sista spärren mot fel fil", en: "--max-orders N is the last guard against the wrong file"}
	hintExists      = phrase{sv: "profilen kan vara rättad för hand: ge ett annat namn, eller ta bort den", en: "the profile may have been corrected by hand: give another name, or remove it"}
	hintResult      = phrase{sv: "sluta namnet på .xlsx, .csv eller .json", en: "end the name in .xlsx, .csv or .json"}
)

// countsLine is the totals in one line: "60 rows: 53 ordered, 7 invalid".
func countsLine(t ledger.Totals, dryRun bool, lang validate.Lang) string {
	var parts []string
	for _, s := range ledger.States {
		if t[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", t[s], statusWord(s, dryRun, lang)))
		}
	}
	rows := fmt.Sprintf(textRows.in(lang), t.Rows())
	if t.Rows() == 1 {
		rows = textOneRow.in(lang)
	}
	if len(parts) == 0 {
		return rows
	}
	return rows + ": " + strings.Join(parts, ", ")
}

// statusWord is the result sheet's word for a state, as it stands within a sentence.
func statusWord(s ledger.State, dryRun bool, lang validate.Lang) string {
	return strings.ToLower(report.StatusWord(s, dryRun, lang))
}

// rowLine is a row in one line, its findings below it.
func rowLine(r *importer.Row, dryRun bool, lang validate.Lang) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %d: %s", phrase{"rad", "row"}.in(lang), r.Number, statusWord(r.State, dryRun, lang))
	switch {
	case r.State == ledger.Duplicate:
		fmt.Fprintf(&b, " %s %s", phrase{"som", "as"}.in(lang), r.OrderNumber)
	case r.OrderNumber != "":
		fmt.Fprintf(&b, " %s", r.OrderNumber)
	}
	if r.Message != "" {
		fmt.Fprintf(&b, ": %s", r.Message)
	}
	for i := range r.Findings {
		if r.Findings[i].Severity == validate.Note && r.State != ledger.Duplicate && r.State != ledger.Skipped {
			continue // what was mended or filled in stands in the result
		}
		b.WriteString("\n  " + findingLine(&r.Findings[i], lang))
	}
	return b.String()
}

// findingLine is the finding's sentence behind its cell. The sentence names the column.
func findingLine(f *validate.Finding, lang validate.Lang) string {
	if f.Cell == "" {
		return f.Message(lang)
	}
	return f.Cell + " " + f.Message(lang)
}

// answer reads the line that a person typed.
func (a *app) answer() string {
	line, err := bufio.NewReader(io.LimitReader(a.in, 4096)).ReadString('\n')
	if err != nil && line == "" {
		return ""
	}
	return strings.TrimSpace(line)
}

// What watch says; its lines begin with time, drop and file.
var (
	textNoDrops        = phrase{sv: "watch behöver -c FIL", en: "watch needs -c FILE"}
	textNoDrop         = phrase{sv: "det finns ingen mapp %q; de heter %s", en: "there is no drop %q; they are called %s"}
	textWatching       = phrase{sv: "bevakar %d mappar, var %s", en: "watching %d drops, each %s"}
	textWatchEnds      = phrase{sv: "slutade bevaka", en: "the watch has ended"}
	textDropBegins     = phrase{sv: "börjar", en: "begins"}
	textDropResumes    = phrase{sv: "fortsätter med det som låg kvar i work/", en: "goes on with what was left in work/"}
	textDropPostponed  = phrase{sv: "ligger kvar i work/, nytt försök om %s: %s", en: "stays in work/, next try in %s: %s"}
	textDropWaits      = phrase{sv: "ligger kvar i work/ till nästa start", en: "stays in work/ until the next start"}
	textDropUnmatched  = phrase{sv: "lämnas: namnet passar inget mönster", en: "left alone: its name fits no pattern"}
	textDropIrregular  = phrase{sv: "lämnas: ingen vanlig fil", en: "left alone: no regular file"}
	textDropEmpty      = phrase{sv: "väntar: filen är tom", en: "waits: the file is empty"}
	textDropUnfinished = phrase{sv: "lämnas till nästa gång: filen skrivs ännu", en: "left for the next time: the file is still being written"}
	textDropUnclaimed  = phrase{sv: "kan inte flyttas till work/: %s", en: "cannot be moved to work/: %s"}
	textDropLost       = phrase{sv: "mappen kan inte användas: %s", en: "the folder cannot be used: %s"}
	textDropFound      = phrase{sv: "mappen kan användas igen", en: "the folder can be used again"}
	textDropBusy       = phrase{sv: "en annan process arbetar i mappen", en: "another process works in the folder"}
	textDropChanged    = phrase{sv: "filen ändrades medan den lästes: det lästa står i resultatet, lägg in hela filen igen.", en: "the file changed while it was being read: what was read is in the result, drop the whole file again."}
	textDropSame       = phrase{sv: "samma innehåll togs i körning %s den %s (%s); ingenting beställdes nu, `orderimport submit FIL` tar det ändå", en: "the same content was taken in run %s at %s (%s); nothing was ordered now, `orderimport submit FILE` takes it anyway"}
	textDropRun        = phrase{sv: "körning %s, %s", en: "run %s, %s"}
	textDropStopped    = phrase{sv: "stoppad (%s)", en: "stopped (%s)"}
	textDropNothing    = phrase{sv: "ingenting lagrades eller skickades: rader eller kolumner måste rättas, se resultatet", en: "nothing was stored or sent: rows or columns must be mended, see the result"}
	textDropValid      = phrase{sv: "alla rader är giltiga", en: "every row is valid"}
	textDropMend       = phrase{sv: "rader måste rättas, se resultatet", en: "rows must be mended, see the result"}
	textDropWrong      = phrase{sv: "mapp %s: %s", en: "drop %s: %s"}
	textDropFits       = phrase{sv: "%s: %s i %s, nästa gång %s", en: "%s: %s in %s, next time %s"}
	textOnArrival      = phrase{sv: "när en fil kommer", en: "when a file arrives"}
)
