package main

import (
	"fmt"
	"strings"

	"orderimport/importer"
	"orderimport/importer/ledger"
	"orderimport/importer/submit"
	"orderimport/report"
	"orderimport/validate"
)

// Wording. Every sentence of the program but those of findings stands here, Swedish and English side by side.
//
//   - Messages go to standard error, results to standard output.
//   - Errors begin with what they are about, in lower case, and end without a full stop; what was read stands in %q.
//   - A hint says what to do next.

type phrase = validate.Phrase

// sentence is a phrase with its values; a value that is a phrase is said in the same language.
func sentence(lang validate.Lang, p phrase, values ...any) string {
	said := make([]any, len(values))
	for i, v := range values {
		said[i] = v
		if word, ok := v.(phrase); ok {
			said[i] = word.In(lang)
		}
	}
	return fmt.Sprintf(p.In(lang), said...)
}

// plain is a sentence that comes from elsewhere, in one language.
func plain(s string) phrase { return phrase{SV: s, EN: s} }

func nearestHint(name string) phrase {
	if name == "" {
		return phrase{}
	}
	return phrase{SV: fmt.Sprintf("menade du %q?", name), EN: fmt.Sprintf("did you mean %q?", name)}
}

var (
	textRows        = phrase{SV: "%d rader", EN: "%d rows"}
	textOneRow      = phrase{SV: "1 rad", EN: "1 row"}
	textHint        = phrase{SV: "tips", EN: "hint"}
	textPanic       = phrase{SV: "orderimport: internt fel (%s); vad som är beställt står i liggaren, se `orderimport runs`", EN: "orderimport: internal fault (%s); what has been ordered stands in the ledger, see `orderimport runs`"}
	textBadSetting  = phrase{SV: "%s: %s kan inte vara %q", EN: "%s: %s cannot be %q"}
	textBadLang     = phrase{SV: "--lang kan inte vara %q: sv eller en", EN: "--lang cannot be %q: sv or en"}
	textBadFormat   = phrase{SV: "--format kan inte vara %q: text eller json", EN: "--format cannot be %q: text or json"}
	textArgs        = phrase{SV: "%s tar %s, fick %d argument", EN: "%s takes %s, got %d arguments"}
	textNoCommand   = phrase{SV: "det finns inget kommando %q", EN: "there is no command %q"}
	textNoFlag      = phrase{SV: "okänd flagga %s", EN: "unknown flag %s"}
	textFlagValue   = phrase{SV: "--%s behöver ett värde", EN: "--%s needs a value"}
	textFlagInvalid = phrase{SV: "--%s kan inte vara %q", EN: "--%s cannot be %q"}
	textNoArgs      = phrase{SV: "%s tar inget argument, fick %q", EN: "%s takes no argument, got %q"}

	textConfigUnreadable  = phrase{SV: "inställningsfilen %s kan inte läsas", EN: "config file %s cannot be read"}
	textConfigSyntax      = phrase{SV: "inställningsfilen %s: %s", EN: "config file %s: %s"}
	textConfigKey         = phrase{SV: "inställningsfilen %s: okänd inställning %q", EN: "config file %s: unknown key %q"}
	textProfileUnreadable = phrase{SV: "profilen %s kan inte läsas", EN: "profile %s cannot be read"}
	textNoHome            = phrase{SV: "ingen hemkatalog för liggaren", EN: "no home folder for the ledger"}
	textNoLedgerFolder    = phrase{SV: "liggaren %s: mappen %s finns inte", EN: "ledger %s: the folder %s is not there"}
	textLedgerPassword    = phrase{SV: "ett lösenord hör inte hemma i en flagga eller en fil med inställningar", EN: "a password does not belong in a flag or a file of settings"}
	textLedgerAddress     = phrase{SV: "liggarens adress går inte att läsa", EN: "the ledger's address cannot be read"}
	textKeyFileAlone      = phrase{SV: "--ledger-key-file hör till en liggare som flera datorer delar", EN: "--ledger-key-file is for a ledger that hosts share"}
	textFileUnwritable    = phrase{SV: "%s kan inte skrivas", EN: "%s cannot be written"}

	textRecovered       = phrase{SV: "en tidigare process slutade med rader på väg: %d; de är nu ovissa", EN: "an earlier process ended with rows under way: %d; they are now in doubt"}
	textNoRun           = phrase{SV: "det finns ingen körning %s i liggaren", EN: "there is no run %s in the ledger"}
	textTwin            = phrase{SV: "körning %s, rad %d", EN: "run %s, row %d"}
	textNoRuns          = phrase{SV: "inga körningar ännu", EN: "no runs yet"}
	textNoOutput        = phrase{SV: "report behöver -o FIL", EN: "report needs -o FILE"}
	textBadStatus       = phrase{SV: "--only känner inte status %q", EN: "--only does not know status %q"}
	textNoneOfThose     = phrase{SV: "ingen rad i %s är %s; resultatet har bara sin rubrik", EN: "no row of %s is %s; the result has its heading alone"}
	textWritten         = phrase{SV: "skrev %s", EN: "wrote %s"}
	textBadRows         = phrase{SV: "rader skrivs som 5,9,12-14, inte %q", EN: "rows are written like 5,9,12-14, not %q"}
	textResolveUse      = phrase{SV: "resolve tar ett av --ordered NUMMER (en rad), --send och --close, och alltid --reason", EN: "resolve takes one of --ordered NUMBER (one row), --send and --close, and always --reason"}
	textSound           = phrase{SV: "liggaren är hel: alla regler håller", EN: "the ledger is sound: every rule holds"}
	textNoBackup        = phrase{SV: "backup behöver -o FIL", EN: "backup needs -o FILE"}
	textBackedUp        = phrase{SV: "skrev %s och %s; nyckeln hör till, lägg undan båda", EN: "wrote %s and %s; the key belongs to it, keep both"}
	textNoReason        = phrase{SV: "adopt behöver --reason TEXT", EN: "adopt needs --reason TEXT"}
	textAdoptUse        = phrase{SV: "adopt tar filer bara med --from-results, som behöver minst en och inte går ihop med --settled", EN: "adopt takes files only with --from-results, which needs one at least and does not go with --settled"}
	textOfResults       = phrase{SV: "--%s hör till --from-results", EN: "--%s belongs to --from-results"}
	textRecalled        = phrase{SV: "%s: beställningar som liggaren inte känner: %d; rader som kan vara beställda: %d", EN: "%s: orders that the ledger does not know: %d; rows that may have been ordered: %d"}
	textNoPlace         = phrase{SV: "adopt --from-results behöver --endpoint: vilket API beställningarna gjordes i, för de skyddar bara där", EN: "adopt --from-results needs --endpoint: the API at which the orders were made, since they protect nothing at another"}
	textAskTakeOver     = phrase{SV: "Skriva in %d beställningar som gjorda, och hålla %d som kan vara det, hos %s i liggaren %s? Samma rader beställs då inte igen, och det går inte att ångra. [j/N]", EN: "Book %d orders as made, and hold %d that may be, at %s in the ledger %s? The same rows are then not ordered again, and this cannot be undone. [y/N]"}
	textTakenOver       = phrase{SV: "%s: inskrivna beställningar: %d, hos %s", EN: "%s: orders booked: %d, at %s"}
	textTakeOverHeld    = phrase{SV: "rader som kan vara beställda och väntar på beslut: %d, i körning %s; avgör dem med resolve", EN: "rows that may have been ordered and are held: %d, in run %s; decide them with resolve"}
	textRecallUnsent    = phrase{SV: "%s: rader som inte var skickade när den skrevs: %s; gick körningen vidare sedan, ange även det senare resultatet", EN: "%s: rows not sent when it was written: %s; if their run went on since, name its later result, too"}
	textOtherPlace      = phrase{SV: "%s: beställningarna gjordes hos %s, inte hos %s", EN: "%s: its orders were made at %s, not at %s"}
	textTakeOverWaits   = phrase{SV: "rad %d i körning %s kan vara beställd, säger resultatet (anrops-ID %s); fråga leverantören, och avgör den med resolve", EN: "row %d of run %s may have been ordered, says the result (request ID %s); ask the vendor, and decide it with resolve"}
	textTakeOverRefused = phrase{SV: "väntar på beslut, eftersom ordernumret redan står på en annan rad: %s", EN: "held, since another row has its order number already: %s"}
	textTakeOverBeyond  = phrase{SV: "%s: rader som säger sig vara beställda, men med ett annat paket eller en annan kund än det som angetts, eller inget som går att läsa, eller som profilen utelämnar: %s", EN: "%s: rows that tell of an order, but with another package or customer than named, or none that can be told, or that the profile leaves out: %s"}
	textNoResult        = phrase{SV: "%s: ingen rad säger vad det blev av den: det är inget resultatblad", EN: "%s: no row says what became of it: this is no result sheet"}
	textOtherResults    = phrase{SV: "%s: bredvid ligger %s, som kan säga mer; ange alla resultat av en fil", EN: "%s: beside it lie %s, which may tell more; name all results of a file"}
	textAskAdopt        = phrase{SV: "Beställningar som skickats efter kopian står inte i den: jämför med resultatfilerna innan något skickas igen. Ta över den? [j/N]", EN: "Orders sent after the copy was made are not in it: compare with the result files before anything is sent again. Take it over? [y/N]"}
	textAskSettle       = phrase{SV: "Är allt som beställts efter kopian utrett (resultatfilerna inskrivna med --from-results, de ovissa avgjorda), så att nya filer får skickas utan vidare? [j/N]", EN: "Is all that was ordered after the copy accounted for (results booked with --from-results, doubts decided), so that new files may be sent as usual? [y/N]"}
	textSettled         = phrase{SV: "nya filer skickas som vanligt igen", EN: "new files are sent as usual again"}
	textAdopted         = phrase{SV: "liggaren är övertagen; rader som väntar på beslut, eftersom de kan ha beställts efter kopian: %d; skriv nu in resultatfilerna sedan dess med `orderimport ledger adopt --from-results FIL... --endpoint API --reason TEXT`", EN: "the ledger is taken over; rows held, since they may have been ordered after the copy: %d; now book the results since then with `orderimport ledger adopt --from-results FILE... --endpoint API --reason TEXT`"}
	textNoAge           = phrase{SV: "purge behöver --older-than DAGAR, som 90d", EN: "purge needs --older-than DAYS, like 90d"}
	textBadAge          = phrase{SV: "--older-than skrivs i dagar som 90d, inte %q, och högst %dd", EN: "--older-than is written in days like 90d, not %q, and at most %dd"}
	textIdle            = phrase{SV: "liggarens senaste anteckning är från %s, och i dag är det enligt klockan %s: stämmer den?", EN: "the last entry of the ledger is of %s, and by the clock today is %s: is it right?"}
	textAskPurge        = phrase{SV: "Radera innehållet i %d avslutade rader i körningar där inget hänt sedan %s? Det går inte att ångra. [j/N]", EN: "Erase the contents of %d ended rows of runs in which nothing has happened since %s? This cannot be undone. [y/N]"}
	textPurged          = phrase{SV: "rader vars innehåll är raderat: %d; säkerhetskopior, indatafiler och resultatblad rörs inte", EN: "rows whose contents are erased: %d; backups, inputs and result sheets are left alone"}
	textPurgeOpen       = phrase{SV: "rader som är lika gamla men inte avslutade (oskickade, ovissa eller väntar på beslut) och därför är kvar: %d", EN: "rows as old that have not ended (not sent, in doubt or held) and so were kept: %d"}
	textTrace           = phrase{SV: "%s, %s: %s", EN: "%s, %s: %s"}
	textTraceOwn        = phrase{SV: "personens egen, innehållet raderas", EN: "their own, its contents are erased"}
	textTraceCloses     = phrase{SV: "personens egen, innehållet raderas och den skickas aldrig", EN: "their own, its contents are erased and it is never sent"}
	textTraceMention    = phrase{SV: "någon annans, personen stryks ur den", EN: "somebody else's, the person is struck out of it"}
	textAskErase        = phrase{SV: "Radera personen ur %d rader? Det går inte att ångra. [j/N]", EN: "Erase the person from %d rows? This cannot be undone. [y/N]"}
	textErased          = phrase{SV: "rader som personen är raderad ur: %d; säkerhetskopior, indatafiler och resultatblad rörs inte", EN: "rows that the person is erased from: %d; backups, inputs and result sheets are left alone"}
	textErasedNobody    = phrase{SV: "ingen rad raderades: ingen som %q finns i någon rad i liggaren %s; sök med personens andra uppgifter, eller i en annan liggare med --ledger", EN: "no row was erased: nobody of %q is in any row of the ledger %s; try what else the person is known by, or another ledger with --ledger"}
	textErasedFile      = phrase{SV: "personen kan finnas kvar i %s och i resultatblad bredvid den", EN: "the person may still be in %s and in result sheets beside it"}
	textTypeRows        = phrase{SV: "Efter detta: %s. Skriv raderna (%s) för att bekräfta:", EN: "After this: %s. Type the rows (%s) to confirm:"}
	textResolved        = phrase{SV: "avgjorda rader: %d", EN: "rows resolved: %d"}

	textNothingDone = phrase{SV: "ingenting gjordes", EN: "nothing was done"}
	textNoTerminal  = phrase{SV: "här finns ingen terminal att fråga på", EN: "there is no terminal to ask on"}
	textLiveYes     = phrase{SV: "--yes på live kräver --max-orders", EN: "--yes on live needs --max-orders"}
	textLiveDoubts  = phrase{SV: "--stop-after-doubts 0 tillåts inte på live", EN: "--stop-after-doubts 0 is refused on live"}
	textNoLimit     = phrase{SV: "--rate 0 (utan gräns) tillåts bara mot den egna datorn", EN: "--rate 0 (no limit) is for loopback only"}
	textRate        = phrase{SV: "--rate kan inte vara %v", EN: "--rate cannot be %v"}
	textWorkers     = phrase{SV: "--workers ska vara 1 till %d, inte %d", EN: "--workers must be 1 to %d, not %d"}
	textNegative    = phrase{SV: "--%s kan inte vara %d", EN: "--%s cannot be %d"}
	textHidden      = phrase{SV: "--hidden kan inte vara %q: hold, skip eller take", EN: "--hidden cannot be %q: hold, skip or take"}
	textSealed      = phrase{SV: "--%s är förseglat i körningen och kan inte ändras", EN: "--%s is sealed in the run and cannot be changed"}
	textOwnInput    = phrase{SV: "%s är indatafilen själv", EN: "%s is the input itself"}

	textRead         = phrase{SV: "%s: %s, %s, %d kolumner", EN: "%s: %s, %s, %d columns"}
	textHeader       = phrase{SV: "rubriker på rad %d", EN: "header on row %d"}
	textNoHeader     = phrase{SV: "inga rubriker", EN: "no header"}
	textUseless      = phrase{SV: "--%s gäller inte %s, som är %s", EN: "--%s does not apply to %s, which is %s"}
	textMapped       = phrase{SV: "kolumnerna passades ihop så här (spara med `orderimport map`):", EN: "the columns were matched like this (save it with `orderimport map`):"}
	textOpen         = phrase{SV: "öppen fråga: fältet %s: %s%s", EN: "open question: field %s: %s%s"}
	textNoColumn     = phrase{SV: "ingen kolumn passar", EN: "no column fits"}
	textGiveCustomer = phrase{SV: "; ange det med --customer", EN: "; give it with --customer"}
	textAnswer       = phrase{SV: "svara i en profil: `orderimport map %s%s -o profil.yaml`, sedan --profile profil.yaml", EN: "answer in a profile: `orderimport map %s%s -o profile.yaml`, then --profile profile.yaml"}
	textOneOf        = phrase{SV: "någon av ", EN: "one of "}
	textMoreFindings = phrase{SV: "… och %d anmärkningar till (alla står i resultatet, --result)", EN: "… and %d more findings (all of them are in a result, --result)"}
	textDoneWith     = phrase{SV: "rader som redan är beställda eller utelämnas: %d (var och en står i resultatet, --result)", EN: "rows that are already ordered or left out: %d (each of them is in a result, --result)"}
	textMended       = phrase{SV: "rättade värden: %d (vart och ett står i resultatet, --result)", EN: "values mended: %d (each of them is in a result, --result)"}
	textNote         = phrase{SV: "obs: %s", EN: "note: %s"}
	textUnused       = phrase{SV: "kolumner som inte används: %s", EN: "columns that are not used: %s"}
	textInvalidStop  = phrase{SV: "inget av filen lagrades eller skickades nu; ogiltiga rader: %d; rätta dem, eller skicka de goda med --skip-invalid", EN: "nothing of the file was stored or sent now; invalid rows: %d; mend them, or send the good ones with --skip-invalid"}
	textStaged       = phrase{SV: "lagrad som körning %s; skicka med `orderimport submit %s`", EN: "stored as run %s; send it with `orderimport submit %s`"}
	textNoRows       = phrase{SV: "filen har rubriker, men inget under dem", EN: "the file has labels, but nothing below them"}
	textAnyToken     = phrase{SV: "(vilken API-nyckel som helst duger)", EN: "(any token will do)"}
	textOneToken     = phrase{SV: "(bara API-nyckeln i --token duger)", EN: "(only the token of --token will do)"}
	textNothingReady = phrase{SV: "ingen rad är redo att skickas", EN: "no row is ready to be sent"}
	textNewCustomer  = phrase{SV: "den här liggaren har aldrig beställt för kund %s; två liggare kan inte skydda varandra", EN: "this ledger has never ordered for customer %s; two ledgers cannot protect each other"}
	textOldResults   = phrase{SV: "bredvid indatafilen ligger resultat från förr: %s; om liggaren inte känner deras beställningar, skriv in dem först med `orderimport ledger adopt --from-results FIL... --endpoint API --reason TEXT`", EN: "beside the input lie earlier results: %s; where the ledger does not know their orders, book these first with `orderimport ledger adopt --from-results FILE... --endpoint API --reason TEXT`"}
	textFileChanged  = phrase{SV: "%s har ändrats sedan körning %s lagrades: det som lagrades skickas, inte det som står i filen nu", EN: "%s has changed since run %s was stored: what was stored is sent, not what stands in the file now"}
	textUnlisted     = phrase{SV: "API:et listar inte längre dessa paket: %s; deras rader är kvar och skickas inte", EN: "the API no longer lists these packages: %s; their rows stay ready and are not sent"}
	textMisfits      = phrase{SV: "paketets fält har ändrats sedan kontrollen: %d rader passar inte längre och skickas inte; se `orderimport report %s -o FIL --only invalid`", EN: "the package's fields have changed since the check: %d rows no longer fit and are not sent; see `orderimport report %s -o FILE --only invalid`"}
	textAsk          = phrase{SV: "Skicka %s av %s för %s från %s till %s? [j/N]", EN: "Send %s of %s for %s from %s to %s? [y/N]"}
	textAskLive      = phrase{SV: "LIVE, där beställningar kostar pengar: %s av %s för %s från %s till %s. Skriv antalet för att skicka:", EN: "LIVE, where orders cost money: %s of %s for %s from %s to %s. Type the number to send:"}
	textOrders       = phrase{SV: "%d beställningar", EN: "%d orders"}
	textOneOrder     = phrase{SV: "%d beställning", EN: "%d order"}
	textPackages     = phrase{SV: "%d paket", EN: "%d packages"}
	textCustomer     = phrase{SV: "kund %s", EN: "customer %s"}
	textCustomers    = phrase{SV: "%d kunder", EN: "%d customers"}
	textAnswerNo     = phrase{SV: "ingenting skickades nu; körningen kan skickas senare med `orderimport submit %s`", EN: "nothing was sent now; send the run later with `orderimport submit %s`"}

	textDraining     = phrase{SV: "avslutar: inga nya rader, väntar högst 150 s på svaren som är på väg", EN: "stopping: no new rows, waiting at most 150 s for the answers under way"}
	textWouldDoubt   = phrase{SV: "en gång till avslutar genast; då blir dessa rader ovissa: %s", EN: "once more ends at once; these rows would then be in doubt: %s"}
	textNowDoubt     = phrase{SV: "avslutad genast; dessa rader är nu ovissa: %s; fråga leverantören, sedan `orderimport resolve`", EN: "ended at once; these rows are now in doubt: %s; ask the vendor, then `orderimport resolve`"}
	textAnswered     = phrase{SV: "av dem är dessa beställda, vilket liggaren inte vet: rad %s; skriv upp numren", EN: "of them these are ordered, which the ledger does not know: row %s; write the numbers down"}
	textReceipts     = phrase{SV: "numren står i %s", EN: "the numbers are in %s"}
	textEndsNow      = phrase{SV: "avslutad genast; ingen rad var på väg", EN: "ended at once; no row was under way"}
	textShut         = phrase{SV: "paket %d avvisas rad efter rad (%s); dess övriga rader lämnas oskickade", EN: "package %d is refused row by row (%s); its other rows are left unsent"}
	textRenewed      = phrase{SV: "nyckeln avvisades och har bytts ut: fortsätter med den nya", EN: "the token was refused and has been replaced: going on with the new one"}
	textPaused       = phrase{SV: "API:et bad om paus: väntar %s (%s)", EN: "the API asked for a pause: waiting %s (%s)"}
	textUnreachable  = phrase{SV: "API:et nås inte, försöker igen om %s (%s)", EN: "the API cannot be reached, trying again in %s (%s)"}
	textReceipt      = phrase{SV: "rad %d: beställningen %s finns, men liggaren kunde inte skriva upp den; den står i %s", EN: "row %d: order %s exists, but the ledger could not book it; it is written down in %s"}
	textLost         = phrase{SV: "rad %d: beställningen %s finns, men liggaren kunde inte skriva upp den; skriv upp den", EN: "row %d: order %s exists, but the ledger could not book it; write it down"}
	textStopped      = phrase{SV: "stoppad: %s", EN: "stopped: %s"}
	textExists       = phrase{SV: "%s finns redan", EN: "%s is there already"}
	textInputGone    = phrase{SV: "%s finns inte längre; resultatet skrivs i den här mappen", EN: "%s is no longer there; the result is written into this folder"}
	textReport       = phrase{SV: "resultatet kan skrivas igen med `orderimport report %s -o FIL`", EN: "write the result again with `orderimport report %s -o FILE`"}
	textGoOn         = phrase{SV: "gå vidare med `orderimport submit %s`", EN: "go on with `orderimport submit %s`"}
	textDoubtRows    = phrase{SV: "ovissa rader: %d; de kan vara beställda; fråga leverantören, sedan `orderimport resolve %s …`", EN: "rows in doubt: %d; they may have been ordered; ask the vendor, then `orderimport resolve %s …`"}
	textProgress     = phrase{SV: "%d/%d rader", EN: "%d/%d rows"}
	textBar          = phrase{SV: "skickar", EN: "sending"}
	textSandbox      = phrase{SV: "sandlådan svarar på %s %s; Ctrl-C avslutar", EN: "the sandbox listens on %s %s; Ctrl-C ends it"}
	textDemo         = phrase{SV: "demo: %s beställs på den inbyggda sandlådan", EN: "demo: %s is ordered on the built-in sandbox"}
	textNotEmpty     = phrase{SV: "mappen %s är inte tom", EN: "the folder %s is not empty"}
	textDemoExit     = phrase{SV: "demo slutar med 0; `submit` hade slutat med %d", EN: "demo ends with 0; `submit` would have ended with %d"}
	textAudit        = phrase{SV: "sandlådans egen lista: %d beställningar, alla i resultatet", EN: "the sandbox's own audit: %d orders, every one of them in the result"}
	textAuditDiffers = phrase{SV: "sandlådans lista och resultatet skiljer sig: %s", EN: "the sandbox's audit and the result differ: %s"}
)

var (
	hintHelp           = phrase{SV: "se --help", EN: "see --help"}
	hintToken          = phrase{SV: "lägg API-nyckeln i ORDERIMPORT_TOKEN eller i en fil som ORDERIMPORT_TOKEN_FILE namnger; den skapas för en Connect-användare med rätten \"API åtkomst\"", EN: "put the token into ORDERIMPORT_TOKEN, or into a file named by ORDERIMPORT_TOKEN_FILE; it is made for a Connect user with the right \"API åtkomst\""}
	hintCertificate    = phrase{SV: "stämmer datorns klocka? går trafiken genom en proxy med eget certifikat, ge det med --ca-file", EN: "is this machine's clock right? where a proxy with a certificate of its own is on the way, give it with --ca-file"}
	hintUnreachable    = phrase{SV: "kontrollera nätet, HTTPS_PROXY och --endpoint; ingenting skickades nu", EN: "check the network, HTTPS_PROXY and --endpoint; nothing was sent now"}
	hintEndpoint       = phrase{SV: "--endpoint är live, test, sandbox eller en URL som börjar med https://", EN: "--endpoint is live, test, sandbox or a URL that begins with https://"}
	hintPackages       = phrase{SV: "`orderimport packages` visar vad som kan beställas; ge det med --package", EN: "`orderimport packages` shows what may be ordered; give it with --package"}
	hintUseless        = phrase{SV: "utelämna flaggan, eller kontrollera att det är rätt fil", EN: "leave the flag out, or check that it is the right file"}
	hintMany           = phrase{SV: "är det rätt fil? ingenting skickades nu", EN: "is it the right file? nothing was sent now"}
	hintResultSheet    = phrase{SV: "ange resultatbladet som orderimport skrev (NAMN-result.xlsx), med alla sina kolumner", EN: "name the result sheet that orderimport wrote (NAME-result.xlsx), with all its columns"}
	hintFile           = phrase{SV: "kontrollera sökvägen och rättigheterna", EN: "check the path and the permissions"}
	hintFlagOnly       = phrase{SV: "den hör till varje fil för sig: ge den som flagga, --%s", EN: "it belongs to each file by itself: give it as a flag, --%s"}
	hintConfig         = phrase{SV: "se README om inställningar", EN: "see the README about settings"}
	hintProfile        = phrase{SV: "`orderimport map FIL --package P -o profil.yaml` skriver en", EN: "`orderimport map FILE --package P -o profile.yaml` writes one"}
	hintLedger         = phrase{SV: "ge liggarens fil med --ledger", EN: "give the ledger's file with --ledger"}
	hintLedgerPassword = phrase{SV: "ge hela adressen i ORDERIMPORT_LEDGER, eller lösenordet i filen som PGPASSFILE anger", EN: "give the whole address in ORDERIMPORT_LEDGER, or the password in the file that PGPASSFILE names"}
	hintLedgerAddress  = phrase{SV: "till exempel postgres://anvandare@dator:5432/databas?sslmode=verify-full", EN: "for example postgres://user@host:5432/database?sslmode=verify-full"}
	hintTwoLedgers     = phrase{SV: "ta bort den ena; eller säg vilken som gäller med --ledger", EN: "take one of them away; or say which one it is with --ledger"}
	hintKeyFileAlone   = phrase{SV: "en fil har sin nyckel bredvid sig; ta bort flaggan", EN: "a file has its key beside it; leave the flag out"}
	hintNoLedgerFolder = phrase{SV: "kontrollera sökvägen, eller skapa mappen först: en ny liggare vet inget om vad som är beställt", EN: "check the path, or make the folder first: a new ledger knows nothing of what was ordered"}
	hintRuns           = phrase{SV: "`orderimport runs` visar körningarna och deras rader", EN: "`orderimport runs` shows the runs and their rows"}
	hintStatus         = phrase{SV: "notSent, sending, ordered, rejected, inDoubt, invalid, held, duplicate, skipped, closed", EN: "notSent, sending, ordered, rejected, inDoubt, invalid, held, duplicate, skipped, closed"}
	hintYes            = phrase{SV: "--yes frågar inte", EN: "--yes asks nothing"}
	hintLiveYes        = phrase{SV: "--max-orders N är den sista spärren mot fel fil", EN: "--max-orders N is the last guard against the wrong file"}
	hintExists         = phrase{SV: "profilen kan vara rättad för hand: ge ett annat namn, eller ta bort den", EN: "the profile may have been corrected by hand: give another name, or remove it"}
	hintResult         = phrase{SV: "sluta namnet på .xlsx, .csv eller .json", EN: "end the name in .xlsx, .csv or .json"}
)

// runWords are the words for a run's state; scripts read the state itself in the JSON.
var runWords = map[ledger.RunState]phrase{
	ledger.RunStaged:  {SV: "lagrad", EN: "staged"},
	ledger.RunRunning: {SV: "skickas", EN: "running"},
	ledger.RunStopped: {SV: "stoppad", EN: "stopped"},
	ledger.RunDone:    {SV: "klar", EN: "done"},
}

// matchWords say why a column was matched with a field, as mapping.Target has it.
var matchWords = map[string]phrase{
	"name":     {SV: "samma namn", EN: "the same name"},
	"synonym":  {SV: "ett annat ord för det", EN: "another word for it"},
	"spelling": {SV: "stavas nästan så: se efter", EN: "spelt much like it: look twice"},
	"content":  {SV: "efter sina värden: se efter", EN: "by its values: look twice"},
}

// stopWords say why a sending ended before its rows did.
var stopWords = map[submit.StopCode]phrase{
	submit.StopDrained:     {SV: "på begäran", EN: "as asked"},
	submit.StopToken:       {SV: "API-nyckeln avvisades", EN: "the token was refused"},
	submit.StopUnreachable: {SV: "API:et har inte gått att nå", EN: "the API has been out of reach"},
	submit.StopUntrusted:   {SV: "API:ets certifikat är inte betrott", EN: "the API's certificate is not trusted"},
	submit.StopConfig:      {SV: "API:et tar inte emot beställningar på det här sättet", EN: "the API does not take orders this way"},
	submit.StopDoubts:      {SV: "ovissa svar", EN: "answers in doubt"},
	submit.StopRefusals:    {SV: "avvisningar i rad", EN: "refusals one after the other"},
	submit.StopFault:       {SV: "internt fel", EN: "internal fault"},
}

// stopText is why a sending ended, with the last outcome's words where there are some.
func stopText(code submit.StopCode, message string) phrase {
	why, ok := stopWords[code]
	if !ok {
		why = plain(string(code))
	}
	if message != "" {
		why = phrase{SV: why.SV + ": " + swedish(message), EN: why.EN + ": " + message}
	}
	return why
}

// countsLine is the totals in one line: "60 rows: 53 ordered, 7 invalid".
func countsLine(t ledger.Totals, dryRun bool, lang validate.Lang) string {
	rows := rowsText(t.Rows(), lang)
	if t.Rows() == 0 {
		return rows + ": " + textNoRows.In(lang)
	}
	if counts := report.StatusCounts(t, dryRun, lang); counts != "" {
		return rows + ": " + counts
	}
	return rows
}

func rowsText(n int, lang validate.Lang) string {
	if n == 1 {
		return textOneRow.In(lang)
	}
	return fmt.Sprintf(textRows.In(lang), n)
}

// rowLine is a row in one line, its findings below it.
func rowLine(r *importer.Row, dryRun bool, lang validate.Lang) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %d: %s", phrase{SV: "rad", EN: "row"}.In(lang), r.Number, strings.ToLower(report.StatusWord(r.State, dryRun, lang)))
	switch {
	case r.State == ledger.Duplicate:
		fmt.Fprintf(&b, " %s %s (%s)", phrase{SV: "som", EN: "as"}.In(lang), r.OrderNumber, fmt.Sprintf(textTwin.In(lang), r.TwinRun, r.TwinRow))
	case r.OrderNumber != "":
		fmt.Fprintf(&b, " %s", r.OrderNumber)
	}
	if said := report.Said(r, lang); said != "" {
		b.WriteString(": " + said)
	}
	if r.Decided() {
		fmt.Fprintf(&b, " (%s %s)", phrase{SV: "av", EN: "by"}.In(lang), r.By)
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		// What was mended or filled in stands in the result. Why a row was left out is a note, too.
		if f.Severity == validate.Note && (r.State != ledger.Skipped || f.Mends() || f.Code == validate.DefaultUsed) {
			continue
		}
		b.WriteString("\n  " + findingLine(f, lang))
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

// What watch says; its lines begin with time, drop and file.
var (
	textNoDrops        = phrase{SV: "watch behöver -c FIL", EN: "watch needs -c FILE"}
	textTwoLedgers     = phrase{SV: "%s säger liggaren %s och %s säger liggaren %s", EN: "%s says the ledger %s, and %s says the ledger %s"}
	textLedgerThere    = phrase{SV: "liggaren är %s", EN: "the ledger is %s"}
	textLedgerNew      = phrase{SV: "liggaren är %s, som inte finns ännu", EN: "the ledger is %s, which is not there yet"}
	textNoDrop         = phrase{SV: "det finns ingen mapp %q; de heter %s", EN: "there is no drop %q; they are called %s"}
	textWatching       = phrase{SV: "bevakar %d mappar, var %s; liggaren är %s", EN: "watching %d drops, each %s; the ledger is %s"}
	textWatchEnds      = phrase{SV: "slutade bevaka", EN: "the watch has ended"}
	textDropBegins     = phrase{SV: "börjar", EN: "begins"}
	textDropResumes    = phrase{SV: "fortsätter med det som låg kvar i work/", EN: "goes on with what was left in work/"}
	textDropPostponed  = phrase{SV: "ligger kvar i work/, nytt försök om %s: %s", EN: "stays in work/, next try in %s: %s"}
	textDropWaits      = phrase{SV: "ligger kvar i work/ till nästa start", EN: "stays in work/ until the next start"}
	textDropUnmatched  = phrase{SV: "lämnas: namnet passar inget mönster", EN: "left alone: its name fits no pattern"}
	textDropIrregular  = phrase{SV: "lämnas: ingen vanlig fil", EN: "left alone: no regular file"}
	textDropEmpty      = phrase{SV: "väntar: filen är tom", EN: "waits: the file is empty"}
	textDropUnfinished = phrase{SV: "lämnas till nästa gång: filen skrivs ännu", EN: "left for the next time: the file is still being written"}
	textDropUnclaimed  = phrase{SV: "kan inte flyttas till work/: %s", EN: "cannot be moved to work/: %s"}
	textDropLost       = phrase{SV: "mappen kan inte användas: %s", EN: "the folder cannot be used: %s"}
	textDropFound      = phrase{SV: "mappen kan användas igen", EN: "the folder can be used again"}
	textDropBusy       = phrase{SV: "en annan process arbetar i mappen", EN: "another process works in the folder"}
	textDropChanged    = phrase{SV: "filen har skrivits i sedan dess: lägg in hela filen igen", EN: "the file has been written to since: drop the whole file again"}
	textDropTwice      = phrase{SV: "det som är beställt beställs inte två gånger", EN: "what is ordered is not ordered twice"}
	textDropBefore     = phrase{SV: "körning %s, av filen som den var innan någon skrev mer i den, %s", EN: "run %s, of the file as it was before somebody wrote more to it, %s"}
	textDropSame       = phrase{SV: "samma innehåll togs i körning %s den %s (%s); ingenting beställdes nu, och om en rad ska beställas igen avgör en människa med `orderimport resolve %[1]s …`", EN: "the same content was taken in run %s at %s (%s); nothing was ordered now, and whether a row is to be ordered again a person decides with `orderimport resolve %[1]s …`"}
	textDropRun        = phrase{SV: "körning %s, %s", EN: "run %s, %s"}
	textDropNothing    = phrase{SV: "ingenting lagrades eller skickades nu: rader eller kolumner måste rättas, se resultatet", EN: "nothing was stored or sent now: rows or columns must be mended, see the result"}
	textDropValid      = phrase{SV: "alla rader är giltiga", EN: "every row is valid"}
	textDropMend       = phrase{SV: "rader måste rättas, se resultatet", EN: "rows must be mended, see the result"}
	textDropWrong      = phrase{SV: "mapp %s: %s", EN: "drop %s: %s"}
	textDropNone       = phrase{SV: "ingen fil att ta hand om i %s", EN: "no file to handle in %s"}
	textDropFits       = phrase{SV: "%s: %s i %s, nästa gång %s", EN: "%s: %s in %s, next time %s"}
	textOnArrival      = phrase{SV: "när en fil kommer", EN: "when a file arrives"}
)
