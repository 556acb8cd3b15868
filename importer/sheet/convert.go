package sheet

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

// The limits of a conversion by LibreOffice.
const (
	maxForeign  = 64 << 20               // bytes of a file that is converted, and of the workbook made of it
	convertDirs = "orderimport-convert-" // and a random number: the folders of conversions, in the system's folder for such
)

// convertLimit is the time for a conversion; its test has less patience.
var convertLimit = 2 * time.Minute

// libreOffice gives the path of the program, "" where it is not installed.
func libreOffice() string {
	for _, name := range []string{"soffice", "libreoffice"} {
		if path, err := exec.LookPath(name); err == nil {
			if path, err = filepath.Abs(path); err == nil {
				return path
			}
		}
	}
	return ""
}

// openConverted reads a file of the kind that its extension names by way of LibreOffice.
func (f *File) openConverted(extension string, data io.Reader, opt Options) error {
	book, err := f.convert(extension, data)
	if err != nil {
		return err
	}
	a, err := openArchive(f.Name, bytes.NewReader(book), int64(len(book)))
	if err != nil {
		return err
	}
	f.Format = extension
	return f.openWorkbook(a, opt)
}

// convert makes an XLSX workbook of a file of the kind that its extension names, through LibreOffice. The file lies for that
// time in a folder of its own, which only the user can read and which is gone when convert returns.
func (f *File) convert(extension string, data io.Reader) ([]byte, error) {
	what := foreignKinds[extension]
	refuse := func(text, hint string) error { return &FileError{File: f.Name, Text: text, Hint: hint} }
	program := libreOffice()
	if program == "" {
		return nil, refuse("this is "+what+", which only LibreOffice can convert, and it was not found", saveAsXLSX)
	}
	removeStale()
	dir, err := os.MkdirTemp("", convertDirs)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	in := filepath.Join(dir, "table."+extension)
	if err := f.writeForeign(in, data); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(dir, "profile", "user"), 0o700); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "profile", "user", "registrymodifications.xcu"), []byte(officeSettings), 0o600); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(context.Background(), convertLimit, errSlow)
	defer cancel()
	// The folder must go even where the user stops the program; the signal reaches those who also listen for it as well.
	ctx, stop := signal.NotifyContext(ctx, endingSignals...)
	defer stop()
	out := filepath.Join(dir, "out")
	cmd := officeCommand(ctx, program, "-env:UserInstallation="+fileURL(filepath.Join(dir, "profile")), "--headless", "--norestore", "--nolockcheck",
		"--nodefault", "--nofirststartwizard", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", out, in)
	cmd.Dir, cmd.WaitDelay = dir, 5*time.Second
	cmd.Env = officeEnvironment(dir)
	err = cmd.Run()
	endGroup(cmd)
	switch {
	case context.Cause(ctx) == errSlow:
		return nil, refuse("LibreOffice did not convert this "+strings.TrimPrefix(strings.TrimPrefix(what, "an "), "a ")+" within "+convertLimit.String(), saveAsXLSX)
	case ctx.Err() != nil:
		return nil, refuse("the conversion by LibreOffice was stopped", "start again")
	}
	result, openErr := os.Open(filepath.Join(out, "table.xlsx"))
	if err != nil || openErr != nil {
		return nil, refuse("this is "+what+", and LibreOffice cannot convert it", "it may be damaged: "+saveAsXLSX)
	}
	defer result.Close()
	book, err := io.ReadAll(io.LimitReader(result, maxForeign+1))
	switch {
	case err != nil:
		return nil, err
	case len(book) > maxForeign:
		return nil, refuse("as a workbook it has more than "+mebibytes(maxForeign), saveAsXLSX)
	}
	return book, nil
}

var errSlow = errors.New("too slow")

// foreignKinds are the files that LibreOffice converts, by the extension that it knows them by.
var foreignKinds = map[string]string{
	"xls":  "an old Excel file (.xls)",
	"xlsb": "a binary workbook (.xlsb)",
	"ods":  "an OpenDocument spreadsheet (.ods)",
	"fods": "an OpenDocument spreadsheet in one XML file (.fods)",
}

// writeForeign copies what is to be converted into the folder, up to maxForeign.
func (f *File) writeForeign(path string, data io.Reader) error {
	w, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	n, err := io.Copy(w, io.LimitReader(data, maxForeign+1))
	if closed := w.Close(); err == nil {
		err = closed
	}
	if err == nil && n > maxForeign {
		err = f.tooLargeToHold()
	}
	return err
}

// tooLargeToHold is the refusal of a file that can be read only as a whole.
func (f *File) tooLargeToHold() error {
	return &FileError{File: f.Name, Text: "is larger than " + mebibytes(maxForeign) + ", more than is read of this kind of file", Hint: saveAsXLSX}
}

// removeStale removes the folders of conversions whose program was killed. None is at work for so long.
func removeStale() {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), convertDirs+"*"))
	for _, dir := range dirs {
		if info, err := os.Lstat(dir); err == nil && info.IsDir() && time.Since(info.ModTime()) > 10*convertLimit {
			os.RemoveAll(dir)
		}
	}
}

// officeSettings keep LibreOffice from running macros, fetching what a file links to, and calculating anew what the file
// holds the results of.
const officeSettings = `<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableActiveContent" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>2</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>1</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="ODFRecalcMode" oor:op="fuse"><value>1</value></prop></item>
</oor:items>
`

// officeEnvironment lets LibreOffice write nowhere but in the folder, and gives it the same language everywhere.
func officeEnvironment(dir string) []string {
	env := []string{"HOME=" + dir, "TMPDIR=" + dir, "TMP=" + dir, "TEMP=" + dir, "USERPROFILE=" + dir, "LC_ALL=C.UTF-8"}
	for _, name := range []string{"PATH", "SystemRoot", "SystemDrive", "ProgramFiles", "PATHEXT", "LD_LIBRARY_PATH"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// fileURL is the path as LibreOffice takes it.
func fileURL(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // of Windows: file:///C:/…
	}
	return "file://" + strings.ReplaceAll(strings.ReplaceAll(path, "%", "%25"), " ", "%20")
}
