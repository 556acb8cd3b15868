package main

import (
	"fmt"
	"strings"

	"orderimport/importer/connect/connecttest"
	"orderimport/importer/submit"
)

// The words of `--help`, by command and by flag. What a command writes, and which codes it can end with, is part of its help.

var (
	helpUsage     = phrase{SV: "Användning", EN: "Usage"}
	helpCommands  = phrase{SV: "Kommandon", EN: "Commands"}
	helpFlags     = phrase{SV: "Flaggor", EN: "Flags"}
	helpGlobal    = phrase{SV: "Allmänna flaggor", EN: "General flags"}
	helpExits     = phrase{SV: "Slutkoder", EN: "Exit codes"}
	helpCommand   = phrase{SV: "KOMMANDO", EN: "COMMAND"}
	helpFlagsWord = phrase{SV: "[flaggor]", EN: "[flags]"}
	helpMore      = phrase{
		SV: "`orderimport KOMMANDO --help` säger vad ett kommando gör, vad det skriver och hur det kan sluta.\nBörja med `orderimport demo`: hela vägen på en inbyggd sandlåda, utan API-nyckel.",
		EN: "`orderimport COMMAND --help` says what a command does, what it writes and how it can end.\nBegin with `orderimport demo`: the whole way on a built-in sandbox, without a token.",
	}
)

var faultKinds = strings.Join(connecttest.FaultKinds(), ", ")

// helps are the commands' words, by path without the program's name.
var helps = map[string]help{
	"": {
		short: phrase{SV: "beställ ett paket för varje rad i ett kalkylblad", EN: "order a package for each row of a spreadsheet"},
		long: phrase{
			SV: "Beställer ett paket för varje rad i ett kalkylblad genom Connect-API:et: läser bladet, parar ihop dess kolumner med paketets fält,\nkontrollerar varje rad, frågar, skickar, och skriver ett resultatblad med ett ordernummer eller ett fel för varje rad.",
			EN: "Orders a package for each row of a spreadsheet through the Connect API: reads the sheet, matches its columns with the package's\nfields, checks every row, asks, sends, and writes a result sheet with an order number or an error for each row.",
		},
	},
	"demo": {
		short: phrase{SV: "hela vägen på den inbyggda sandlådan, utan API-nyckel", EN: "the whole way on the built-in sandbox: no token, no set-up"},
		long: phrase{
			SV: "Läser en svensk HR-export, parar ihop kolumnerna, kontrollerar den, beställer de goda raderna i ett simulerat Connect-API och skriver\nen resultatbok. Filerna och liggaren läggs i en ny mapp; inget annat rörs. Sista raden är resultatets sökväg.",
			EN: "Reads a Swedish HR export, maps it, checks it, orders its good rows on a simulated Connect API, and writes a result\nworkbook. Its files and its ledger lie in a new folder; nothing else is touched. The last line is the result's path.",
		},
		codes: []int{exitFile, exitLedger},
	},
	"packages": {
		short: phrase{SV: "vad som kan beställas", EN: "what may be ordered"},
		long:  phrase{SV: "Visar de paket som API-nyckelns användare får beställa. Skriver inget.", EN: "Lists the packages that the token's user may order. Writes nothing."},
		codes: []int{exitToken, exitUnreachable},
	},
	"schema": {
		args:  phrase{SV: "PAKET", EN: "PACKAGE"},
		short: phrase{SV: "vilka fält en beställning behöver", EN: "which fields an order needs"},
		long:  phrase{SV: "Visar fälten i ett paket, som anges med ID eller namn. Skriver inget.", EN: "Shows the schema of a package, by ID or name. Writes nothing."},
		codes: []int{exitToken, exitUnreachable},
	},
	"inspect": {
		args:  phrase{SV: "FIL", EN: "FILE"},
		short: phrase{SV: "hur en fil läses", EN: "how a file is read"},
		long: phrase{
			SV: "Visar hur en fil läses: format, teckenkodning, skiljetecken, blad, rubrikrad, kolumner, rader. Skriver inget, behöver ingen API-nyckel.",
			EN: "Shows how a file is read: format, encoding, delimiter, sheet, header, columns, rows. Writes nothing, needs no token.",
		},
		codes: []int{exitFile},
	},
	"map": {
		args:  phrase{SV: "FIL --package P [-o PROFIL]", EN: "FILE --package P [-o PROFILE]"},
		short: phrase{SV: "föreslå en profil", EN: "propose a profile"},
		long: phrase{
			SV: "Parar ihop filens kolumner med paketets fält och föreslår en profil, med skälet för varje kolumn. Skriver profilen (YAML) på standard\nut, eller i filen som -o anger, som inte får finnas. En öppen fråga står i profilen som {choose: […]} tills någon har valt.",
			EN: "Matches a file's columns with the package's fields and proposes a profile, with the reason for each column. Writes the profile (YAML)\nto standard output, or to the file of -o, which must not exist. An open question stands in it as {choose: […]} until somebody chooses.",
		},
		codes: []int{exitRows, exitToken, exitUnreachable, exitFile},
	},
	"validate": {
		args:  phrase{SV: "FIL", EN: "FILE"},
		short: phrase{SV: "provkörningen: kontrollera allt, skicka inget", EN: "the dry run: check everything, send nothing"},
		long: phrase{
			SV: "Kontrollerar varje rad i en fil mot schemat från API:et, och mot liggaren om det finns en.\nVad kalkylprogram har gjort med värdena visas med sina skäl, och rättas där bara en läsning är möjlig.\nSkickar inget, lagrar inget; skriver ett resultat bara med --result.",
			EN: "Checks every row of a file against the schema fetched from the API and against the ledger, if there is one.\nWhat spreadsheet programs did to values is told with its evidence, and mended where there is one reading.\nSends nothing, stores nothing; writes a result only with --result.",
		},
		codes: []int{exitRows, exitStopped, exitToken, exitUnreachable, exitFile, exitLedger},
	},
	"stage": {
		args:  phrase{SV: "FIL", EN: "FILE"},
		short: phrase{SV: "kontrollera och lagra en förseglad körning", EN: "check, and store the run sealed"},
		long: phrase{
			SV: "Kontrollerar en fil som validate gör och lagrar körningen förseglad i liggaren: beställningar, profil, API, schema. Skickar inget.",
			EN: "Checks a file as validate does and stores the run in the ledger, sealed: payloads, profile, endpoint, schema. Sends nothing.",
		},
		codes: []int{exitRows, exitStopped, exitToken, exitUnreachable, exitFile, exitLedger},
	},
	"submit": {
		args:  phrase{SV: "FIL|KÖRNING", EN: "FILE|RUN"},
		short: phrase{SV: "kontrollera, fråga, skicka; eller gå vidare med en körning", EN: "check, ask, send; or go on with a run"},
		long: phrase{
			SV: "FIL: kontrollerar och lagrar den som stage gör, frågar, skickar. KÖRNING: skickar en lagrad körning eller går vidare med en stoppad;\ntar bara --rate --workers --yes --max-orders --first --result.\nSkriver i liggaren och ett resultatblad bredvid filen. Ctrl-C väntar på svaren som är på väg; körningen kan gå vidare.\nEn andra Ctrl-C säger vilka rader som blir ovissa om den inte väntar, en tredje slutar genast: ordernummer som liggaren inte hann få skrivs i\nemergency-receipts.jsonl bredvid filen.",
			EN: "FILE: checks and stores it as stage does, asks, sends. RUN: sends a staged run or goes on with a stopped one;\ntakes only --rate --workers --yes --max-orders --first --result.\nWrites the ledger and a result sheet beside the input. Ctrl-C waits for the answers under way; the run can go on.\nA second Ctrl-C names the rows that are in doubt if it does not wait, a third ends at once: order numbers that the ledger did not get are\nwritten to emergency-receipts.jsonl beside the input.",
		},
		codes: []int{exitRows, exitDoubt, exitStopped, exitToken, exitUnreachable, exitFile, exitLedger},
	},
	"runs": {
		args:  phrase{SV: "[KÖRNING]", EN: "[RUN]"},
		short: phrase{SV: "historiken, eller en körning", EN: "history, or one run"},
		long: phrase{
			SV: "Visar körningarna i liggaren, den senaste först; med KÖRNING dess rader. Skriver inget.\n`runs KÖRNING --format json` är resultatets JSON.",
			EN: "Lists the runs of the ledger, newest first; with RUN, its rows. Writes nothing. `runs RUN --format json` is the result JSON.",
		},
		codes: []int{exitLedger},
	},
	"report": {
		args:  phrase{SV: "KÖRNING -o FIL", EN: "RUN -o FILE"},
		short: phrase{SV: "skriv ett resultat igen, helt eller delvis", EN: "any result again, whole or in part"},
		long: phrase{
			SV: "Skriver resultatet av en körning ur liggaren: .xlsx, .csv eller .json efter filens ändelse.\n`--only invalid,rejected,held` är rättningslistan, `--only inDoubt` listan till leverantören, `--only ordered` den att avbeställa efter.",
			EN: "Writes the result of a run from the ledger: .xlsx, .csv or .json by the file's ending.\n`--only invalid,rejected,held` is the fix file, `--only inDoubt` the list for the vendor, `--only ordered` the one to cancel from.",
		},
		codes: []int{exitFile, exitLedger},
	},
	"resolve": {
		args:  phrase{SV: "KÖRNING RADER --ordered NUMMER | --send | --close --reason TEXT", EN: "RUN ROWS --ordered NUMBER | --send | --close --reason TEXT"},
		short: phrase{SV: "en människas ord om ovissa rader och rader som väntar på beslut", EN: "a person's word on rows in doubt or held"},
		long: phrase{
			SV: "Avgör ovissa rader och rader som väntar på beslut. RADER skrivs som 5,9,12-14 och måste skrivas en gång till. --ordered tar en rad,\nen som väntar bara om den kan vara beställd utan att liggaren vet det.\nSkriver i liggaren vem, när och varför. --send låter `submit KÖRNING` skicka dem. --close gäller för gott,\noch tar även tillbaka ett --send som inte har skickats: samma beställning i en senare fil väntar då på beslut.",
			EN: "Ends rows in doubt or held. ROWS is like 5,9,12-14 and must be typed back. --ordered takes one row, a\nheld one only where it may have been ordered without the ledger knowing of it.\nWrites to the ledger who, when and why. --send lets `submit RUN` send them. --close is final, and\ntakes back a --send that was not sent, too: the same order in a later file is then held.",
		},
		codes: []int{exitStopped, exitLedger},
	},
	"watch": {
		args:  phrase{SV: "-c FIL", EN: "-c FILE"},
		short: phrase{SV: "filer som läggs i bevakade mappar", EN: "files dropped into watched folders"},
		long: phrase{
			SV: "Bevakar mapparna som FIL anger, och kontrollerar eller beställer det som läggs i dem, när det kommer eller efter ett schema.\nEn fil går genom work/ till done/ eller failed/ i sin mapp, med resultatet bredvid sig; samma innehåll beställs en gång.\nFiler vars API eller liggare inte nås ligger kvar i work/ och prövas igen. Loggar på standard fel. Ctrl-C och SIGTERM\nväntar på svaren som är på väg och slutar med 0; nästa start går vidare med det som ligger i work/.",
			EN: "Watches the folders that FILE names, and validates or submits what is dropped into them, on arrival or on a schedule.\nA file goes through work/ to done/ or failed/ in its folder, with its result beside it; the same content is ordered once.\nFiles whose API or ledger is out of reach stay in work/ and are tried again. Logs to standard error. Ctrl-C and SIGTERM\nwait for the answers under way and end with 0; the next start goes on with what lies in work/.",
		},
		codes: []int{exitToken, exitLedger},
	},
	"watch run": {
		args:  phrase{SV: "NAMN", EN: "NAME"},
		short: phrase{SV: "ta hand om det som ligger i en mapp, en gång, nu", EN: "handle what lies in one drop, once, now"},
		long: phrase{
			SV: "Tar hand om filerna i den bevakade mappen NAMN, vad dess schema än säger, och slutar med den värsta slutkoden av dess filer.\nSkriver det som watch skriver.",
			EN: "Handles the files of the drop NAME, whatever its schedule, and ends with the worst exit code of its files.\nWrites what watch writes.",
		},
		codes: []int{exitRows, exitDoubt, exitStopped, exitToken, exitUnreachable, exitFile, exitLedger},
	},
	"ledger": {
		short: phrase{SV: "kontrollera liggaren, kopiera den, ta över en kopia", EN: "check the ledger, copy it, take over a copy"},
		long: phrase{
			SV: "Liggaren är minnet av allt som är beställt. Förlora den inte, och skicka aldrig från två.",
			EN: "The ledger is the memory of all that was ordered. Do not lose it, and never send from two.",
		},
	},
	"ledger verify": {
		short: phrase{SV: "kontrollera alla liggarens regler", EN: "check every rule of the ledger"},
		long: phrase{
			SV: "Läser hela liggaren och kontrollerar att filen är hel och att alla regler håller. Skriver inget. Går att köra medan rader skickas.",
			EN: "Reads the whole ledger and checks that its file is sound and every rule holds. Writes nothing. May run while rows are sent.",
		},
		codes: []int{exitLedger},
	},
	"ledger backup": {
		args:  phrase{SV: "-o FIL", EN: "-o FILE"},
		short: phrase{SV: "kopiera liggaren och dess nyckel", EN: "copy the ledger and its key"},
		long: phrase{
			SV: "Skriver liggaren som den är nu i FIL, och dess nyckel i FIL.key, och kontrollerar kopian. Skriver aldrig över något. Går att köra\nmedan rader skickas. Kopian går att läsa, men inget skickas från den förrän någon har tagit över den med `ledger adopt`.",
			EN: "Writes the ledger as it is now to FILE, and its key to FILE.key, and checks the copy. Never overwrites. May run while rows are\nsent. The copy can be read, but nothing is sent from it before somebody has taken it over with `ledger adopt`.",
		},
		codes: []int{exitLedger},
	},
	"ledger adopt": {
		args:  phrase{SV: "[--from-results FIL...] --reason TEXT", EN: "[--from-results FILE...] --reason TEXT"},
		short: phrase{SV: "ta över en kopia som liggare, eller vad resultatfiler säger", EN: "take over a copy as the ledger, or what results tell"},
		long: phrase{
			SV: "Gör en kopia till liggaren, när den gamla är förlorad: en säkerhetskopia, eller en som kopierats eller lagts tillbaka för hand.\nSkriver i den vem, när och varför. Rader som var redo att skickas\nväntar sedan på beslut, eftersom de kan ha beställts efter kopian: avgör dem med resolve. Vad som beställts ur filer som lästes\nförst efter kopian vet bara resultatfilerna och leverantören: raderna i varje ny fil väntar på beslut tills --settled säger att det är utrett.\n\nMed --from-results läser den FILerna, resultatblad i .xlsx eller .csv som orderimport skrev, och skriver in de beställningar som liggaren\ninte känner, med ordernummer: en liggare som är tom, eller en kopia som är övertagen. Samma rader är sedan redan beställda. Ange --endpoint, --package,\n--customer och --profile som när filerna skickades. Rader som var ovissa eller väntade på beslut väntar i en ny körning (slutkod 1). Inget skickas.",
			EN: "Makes a copy the ledger, once the old one is lost: a backup, or one that was copied or put back by hand.\nWrites to it who, when and why. Rows that were ready to be sent are held\nthen, since they may have been ordered after the copy: decide them with resolve. What was ordered from files that were first\nread after the copy only the result files and the vendor know: the rows of every new file are held until --settled says that it is accounted for.\n\nWith --from-results it reads the FILEs, result sheets in .xlsx or .csv that orderimport wrote, and books the orders that the ledger does\nnot know, with their numbers: a ledger that is empty, or a copy that was taken over. The same rows are then already ordered. Give --endpoint,\n--package, --customer and --profile as when the files were sent. Rows that were in doubt or held are held in a new run (exit 1). Sends nothing.",
		},
		codes: []int{exitRows, exitStopped, exitToken, exitUnreachable, exitFile, exitLedger},
	},
	"ledger purge": {
		args:  phrase{SV: "--older-than DAGAR", EN: "--older-than DAYS"},
		short: phrase{SV: "radera innehållet i gamla avslutade rader", EN: "erase the contents of old rows that have ended"},
		long: phrase{
			SV: "Raderar innehållet (beställning, celler, anmärkningar, API:ets ord) i avslutade rader i körningar där inget hänt på så många dagar.\nKvar är orderns nummer, vem som avgjort vad, och nycklar som inte går att läsa baklänges men som hindrar att något beställs två\ngånger. Oskickade och ovissa rader och rader som väntar på beslut rörs inte. Skriver om liggarens filer, så att inga byte av det\nraderade är kvar i dem; säkerhetskopior, indatafiler och resultatblad raderar du själv.",
			EN: "Erases the contents (order, cells, findings, the API's words) of rows that have ended, of runs in which nothing has happened for\nthat many days. Order numbers stay, and who decided what, and keys that cannot be read backwards but keep anything from being\nordered twice. Rows not sent, in doubt or held are left alone. Rewrites the ledger's files, so that no byte of what was erased is\nleft in them; backups, inputs and result sheets are yours to erase.",
		},
		codes: []int{exitStopped, exitLedger},
	},
	"erase": {
		args:  phrase{SV: "PERSON", EN: "PERSON"},
		short: phrase{SV: "radera en person ur liggaren", EN: "erase a person from the ledger"},
		long: phrase{
			SV: "Raderar en person ur liggaren. PERSON är en e-postadress, ett telefonnummer eller ett anställningsnummer, hur det än är skrivet;\nkör en gång för vart och ett. Personens egna rader förlorar sitt innehåll, och de som inte är skickade stängs. I andras rader stryks\ne-postadress och telefonnummer. Nycklar som hindrar att något beställs två gånger är kvar. Skriver om liggarens filer, så att inga\nbyte av det raderade är kvar i dem; säkerhetskopior, indatafiler och resultatblad raderar du själv. Vägrar (slutkod 2) så länge\nen av raderna är oviss, eller någon annans rad som nämner personen inte är avslutad.",
			EN: "Erases a person from the ledger. PERSON is an e-mail address, a phone number or an employee number, in any spelling; start it once\nfor each. Rows of their own lose their contents, and those not sent are closed. Out of other people's rows the e-mail address or\nphone number is struck. Keys that keep anything from being ordered twice stay. Rewrites the ledger's files, so that no byte of\nwhat was erased is left in them; backups, inputs and result sheets are yours to erase. Refuses (exit 2) while one of the rows is\nin doubt, or another person's row that mentions them has not ended.",
		},
		codes: []int{exitStopped, exitLedger},
	},
	"sandbox": {
		short: phrase{SV: "det simulerade Connect-API:et för sig", EN: "the simulated Connect API on its own"},
		long: phrase{
			SV: "Kör Connect-API:ets tre metoder på den här datorn, med egna paket, tills Ctrl-C. Det kontrollerar beställningar som det riktiga, och\nför en lista över allt det skapat (GET /audit, eller --audit FIL, som det skriver sist i). Skriver inget annat.\nFel på begäran: --fault SORT@NR; sorterna är " + faultKinds + ".",
			EN: "Serves the three methods of the Connect API on this machine, with packages of its own, until Ctrl-C. It checks orders as the\nreal one would, and keeps an audit of all it created (GET /audit, or --audit FILE, which it appends to). Writes nothing else.\nFaults on request: --fault KIND@N; the kinds are " + faultKinds + ".",
		},
	},
	"version": {
		short: phrase{SV: "programmets version", EN: "the program's version"},
		long:  phrase{SV: "Säger programmets och Go:s version. Skriver inget.", EN: "Tells the version of the program and of Go. Writes nothing."},
	},
	"help": {
		args:  phrase{SV: "[KOMMANDO]", EN: "[COMMAND]"},
		short: phrase{SV: "hjälp om ett kommando", EN: "help about a command"},
		long:  phrase{SV: "Visar samma som `orderimport KOMMANDO --help`. Skriver inget.", EN: "Shows what `orderimport COMMAND --help` shows. Writes nothing."},
	},
	"completion": {
		short: phrase{SV: "skript som låter skalet fylla i kommandon", EN: "the script that lets a shell complete commands"},
		long:  phrase{SV: "Skriver på standard ut ett skript som låter skalet fylla i kommandon och flaggor.", EN: "Writes to standard output the script that lets a shell complete commands and flags."},
	},
	"completion bash": {
		short: phrase{SV: "för bash", EN: "for bash"},
		long:  phrase{SV: "För den här sessionen: source <(orderimport completion bash)", EN: "For this session: source <(orderimport completion bash)"},
	},
	"completion fish": {
		short: phrase{SV: "för fish", EN: "for fish"},
		long:  phrase{SV: "För den här sessionen: orderimport completion fish | source", EN: "For this session: orderimport completion fish | source"},
	},
	"completion powershell": {
		short: phrase{SV: "för PowerShell", EN: "for PowerShell"},
		long:  phrase{SV: "För den här sessionen: orderimport completion powershell | Out-String | Invoke-Expression", EN: "For this session: orderimport completion powershell | Out-String | Invoke-Expression"},
	},
	"completion zsh": {
		short: phrase{SV: "för zsh", EN: "for zsh"},
		long:  phrase{SV: "För den här sessionen: source <(orderimport completion zsh)", EN: "For this session: source <(orderimport completion zsh)"},
	},
}

// flagHelps are the flags' words, by name, or by command and name where a flag means something else there. The word in backquotes
// stands for the flag's value.
var flagHelps = map[string]phrase{
	"config":  {SV: "`FIL` med inställningar (förval: config.yaml i användarens inställningsmapp)", EN: "`FILE` with settings (default: config.yaml in the user's config folder)"},
	"lang":    {SV: "språket i det som sägs: `sv|en` (förval: datorns)", EN: "language of what is said: `sv|en` (default: the locale)"},
	"help":    {SV: "den här hjälpen", EN: "this help"},
	"version": {SV: "programmets version", EN: "the program's version"},

	"endpoint":        {SV: "`API`: live, test, sandbox eller en URL (http:// bara mot den egna datorn)", EN: "`API`: live, test, sandbox or a URL (http:// only for loopback)"},
	"ca-file":         {SV: "PEM-`FIL` med certifikatutfärdare att lita på utöver systemets", EN: "PEM `FILE` with certificate authorities to trust beside the system's"},
	"format":          {SV: "`text|json` på standard ut", EN: "`text|json` on standard output"},
	"sheet":           {SV: "bladets `NAMN` (förval: väljs efter innehåll)", EN: "`NAME` of the sheet (default: chosen by content)"},
	"header":          {SV: "rubrikernas `RAD` (förval: hittas efter innehåll)", EN: "`ROW` of the header (default: found by content)"},
	"encoding":        {SV: "`TECKENKODNING` i en CSV-fil (förval: hittas efter innehåll)", EN: "`ENCODING` of a CSV file (default: found by content)"},
	"delimiter":       {SV: "`TECKEN` mellan cellerna i en CSV-fil, ett till fyra, eller tab eller \\x1f (förval: hittas efter innehåll)", EN: "`CHARACTERS` between the cells of a CSV file, one to four, or tab or \\x1f (default: found by content)"},
	"quote":           {SV: "`TECKEN` kring celler i en CSV-fil: \", ' eller none (förval: hittas efter innehåll)", EN: "`CHARACTER` around cells of a CSV file: \", ' or none (default: found by content)"},
	"package":         {SV: "`PAKET` att beställa, med ID eller namn", EN: "`PACKAGE` to order, by ID or name"},
	"customer":        {SV: "`KUNDNUMMER` för kontot som beställningen görs på", EN: "customer `NUMBER` of the account that is ordered on"},
	"profile":         {SV: "sparad profil, en YAML-`FIL`", EN: "saved mapping, a YAML `FILE`"},
	"hidden":          {SV: "dolda rader: `hold|skip|take`, vänta på beslut, utelämna eller ta med (förval: hold)", EN: "hidden rows: `hold|skip|take` (default: hold)"},
	"ledger":          {SV: "liggarens `FIL` (förval: i användarens datamapp), eller postgres://… när flera datorer delar den", EN: "the ledger's `FILE` (default: in the user's data folder), or postgres://… where hosts share it"},
	"ledger-key-file": {SV: "nyckel`FIL` för en delad liggare, densamma på alla datorer (förval: i användarens datamapp)", EN: "key `FILE` of a shared ledger, the same on all hosts (default: in the user's data folder)"},

	"rate":              {SV: "högst `N` beställningar i sekunden; 0 = ingen gräns, bara mot den egna datorn", EN: "at most `N` orders a second; 0 = no limit, loopback only"},
	"workers":           {SV: fmt.Sprintf("högst `N` beställningar på väg samtidigt, upp till %d", submit.MaxWorkers), EN: fmt.Sprintf("at most `N` orders under way at once, up to %d", submit.MaxWorkers)},
	"max-orders":        {SV: "skicka inget om fler än `N` rader är redo; 0 = hur många som helst", EN: "send nothing where more than `N` rows are ready; 0 = any number"},
	"first":             {SV: "skicka `N` rader och låt resten vara redo; 0 = alla", EN: "send `N` rows and leave the rest ready; 0 = all"},
	"yes":               {SV: "fråga inget (på live bara med --max-orders)", EN: "ask nothing (on live only with --max-orders)"},
	"skip-invalid":      {SV: "ta de goda raderna ur en fil med ogiltiga", EN: "take the good rows of a file with invalid ones"},
	"stop-after-doubts": {SV: "stoppa efter `N` ovissa rader, och redan vid tre i följd eller fler än --workers på en minut; 0 = aldrig, tillåts inte på live", EN: "stop after `N` rows in doubt, and sooner at three in a row or at more than --workers in a minute; 0 = never, refused on live"},
	"result":            {SV: "skriv resultatet i `FIL`: .xlsx, .csv eller .json efter ändelsen; kan upprepas", EN: "write the result to `FILE`: .xlsx, .csv or .json by its ending; repeatable"},
	"submit result":     {SV: "skriv resultatet i `FIL` i stället för bredvid indata: .xlsx, .csv eller .json efter ändelsen; kan upprepas", EN: "write the result to `FILE` instead of beside the input: .xlsx, .csv or .json by its ending; repeatable"},

	"demo dir":      {SV: "`MAPP` för filerna (förval: en ny mapp orderimport-demo här)", EN: "`FOLDER` for its files (default: a new folder orderimport-demo here)"},
	"map output":    {SV: "`PROFIL` att skriva (förval: standard ut)", EN: "`PROFILE` to write (default: standard output)"},
	"report output": {SV: "`FIL` att skriva; en som finns byts ut när den nya är hel", EN: "`FILE` to write; one that is there is replaced once the new one is whole"},
	"report only":   {SV: "bara rader med någon av dessa `STATUSAR`: notSent, sending, ordered, rejected, inDoubt, invalid, held, duplicate, skipped, closed", EN: "only rows with one of these `STATUSES`: notSent, sending, ordered, rejected, inDoubt, invalid, held, duplicate, skipped, closed"},

	"ledger adopt from-results": {SV: "skriv in vad resultatfilerna FIL... säger är beställt", EN: "book what the results FILE... tell was ordered"},
	"ledger adopt settled":      {SV: "allt som beställts efter kopian är utrett: skicka nya filer som vanligt", EN: "all that was ordered after the copy is accounted for: send new files as usual"},
	"resolve ordered":           {SV: "beställningen finns och har detta `NUMMER`", EN: "the order exists and has this `NUMBER`"},
	"resolve order-id":          {SV: "dess order-`ID`, om det är känt", EN: "its order `ID`, where known"},
	"resolve send":              {SV: "ingen beställning finns: raderna får skickas", EN: "no order exists: the rows may be sent"},
	"resolve host-is-down":      {SV: "med --send: datorn som skickade raderna och tystnade är avstängd; ta reda på det först", EN: "with --send: the host that sent the rows and fell silent is down; make sure of it first"},
	"resolve close":             {SV: "raderna ska inte beställas", EN: "the rows will not be ordered"},
	"ledger backup output":      {SV: "`FIL` att skriva; den får inte finnas", EN: "`FILE` to write; it must not be there"},
	"ledger adopt yes":          {SV: "fråga inget", EN: "ask nothing"},
	"erase yes":                 {SV: "fråga inget", EN: "ask nothing"},
	"ledger purge yes":          {SV: "fråga inget", EN: "ask nothing"},
	"older-than":                {SV: "så många `DAGAR` utan händelse, som 90d", EN: "so many `DAYS` without an event, like 90d"},
	"ledger adopt reason":       {SV: "varför, `TEXT` för liggaren", EN: "why, `TEXT` for the ledger"},
	"resolve reason":            {SV: "varför, `TEXT` för liggaren", EN: "why, `TEXT` for the ledger"},
	"resolve yes":               {SV: "begär inte att raderna skrivs en gång till", EN: "do not ask to type the rows back"},

	"watch drops":  {SV: "YAML-`FIL` som anger mapparna", EN: "YAML `FILE` that names the drops"},
	"watch ledger": {SV: "liggarens `FIL` (förval: vad -c säger, annars i användarens datamapp)", EN: "the ledger's `FILE` (default: what -c says, else in the user's data folder)"},
	"watch check":  {SV: "se efter om allt finns på plats, och sluta", EN: "look whether everything is there, and end"},

	"sandbox addr":    {SV: "`ADRESS` och port på den egna datorn", EN: "loopback `ADDRESS` and port to listen on"},
	"sandbox latency": {SV: "hur lång `TID` en beställning tar", EN: "the `TIME` that an order takes"},
	"sandbox limit":   {SV: "`N` beställningar i sekunden innan det svarar 429; 0 = ingen gräns", EN: "`N` orders a second before it answers 429; 0 = no limit"},
	"sandbox token":   {SV: "den enda API-`NYCKEL` som godtas (ett ord för prov, ingen hemlighet; förval: vilken som helst)", EN: "the one `TOKEN` to take (a word for tests, no secret; default: any)"},
	"sandbox fault":   {SV: "ett fel på begäran, `SORT@NR`; kan upprepas", EN: "a fault on request, `KIND@N`; repeatable"},
	"sandbox audit":   {SV: "skriv varje skapad beställning sist i `FIL`, en JSON-rad var", EN: "append each order created to `FILE`, a JSON line each"},

	"no-descriptions": {SV: "utan beskrivningar", EN: "without descriptions"},
}
