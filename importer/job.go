package importer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"orderimport/importer/connect"
	"orderimport/importer/mapping"
	"orderimport/importer/sheet"
)

// Sandbox is the built-in sandbox's identity: its orders are no orders of any other endpoint.
const Sandbox = "sandbox"

// Hidden says what becomes of rows that the workbook hides or filters away.
type Hidden string

// The ways with hidden rows. Hold is the default: nobody sees them, so a person decides.
const (
	Hold Hidden = "hold"
	Skip Hidden = "skip"
	Take Hidden = "take"
)

// Job is one file to be checked, and how.
type Job struct {
	File     string
	Sheet    sheet.Options    // flags; the profile's sheet and header where these are empty
	Hidden   Hidden           // "": the profile's, else Hold
	Profile  *mapping.Profile // nil: the columns are matched by name and content
	Package  string           // ID or name; "" leaves it to the profile
	Customer string           // "" leaves it to the profile
	Endpoint connect.Endpoint
	Now      time.Time // the day that relative dates count from
}

// OpenQuestions is a mapping that a person must finish: a tie, or a required field without a column.
type OpenQuestions struct{ Proposal *mapping.Proposal }

func (e *OpenQuestions) Error() string {
	return fmt.Sprintf("%d open questions in the mapping", len(e.Proposal.Open))
}

// EndpointError is a profile that forbids the endpoint.
type EndpointError struct{ Profile, Used string }

func (e *EndpointError) Error() string {
	return fmt.Sprintf("the profile is for endpoint %q, not for %q", e.Profile, e.Used)
}

// ErrNoPackage is a job in which neither a flag nor the profile names the package.
var ErrNoPackage = errors.New("no package given")

// Plan is a file opened and mapped, ready to be checked row by row, once.
type Plan struct {
	job       Job
	file      *sheet.File
	catalogue *Catalogue
	profile   *mapping.Profile
	mapping   *mapping.Mapping
	proposal  *mapping.Proposal
}

// Open reads the head of the job's file, and fits the profile, or one it suggests, to its columns. Errors are those of
// sheet.Open, mapping.Profile.Bind and connect, *OpenQuestions, *EndpointError and ErrNoPackage.
func Open(ctx context.Context, catalogue *Catalogue, job Job) (*Plan, error) {
	if p := job.Profile; p != nil {
		if p.Endpoint != "" {
			only, err := connect.ParseEndpoint(p.Endpoint)
			if p.Endpoint == Sandbox {
				only, err = connect.Endpoint{Host: Sandbox}, nil
			}
			if err != nil {
				return nil, err
			}
			if only.Host != job.Endpoint.Host {
				return nil, &EndpointError{Profile: p.Endpoint, Used: job.Endpoint.URL}
			}
		}
		if job.Sheet.Sheet == "" {
			job.Sheet.Sheet = p.Sheet
		}
		if job.Sheet.Header == 0 {
			job.Sheet.Header = p.Header
		}
		if job.Hidden == "" {
			job.Hidden = Hidden(p.Hidden)
		}
	}
	if job.Hidden == "" {
		job.Hidden = Hold
	}
	file, err := sheet.Open(job.File, job.Sheet)
	if err != nil {
		return nil, err
	}
	p := &Plan{job: job, file: file, catalogue: catalogue, profile: job.Profile}
	if err := p.bind(ctx); err != nil {
		file.Close()
		return nil, err
	}
	return p, nil
}

func (p *Plan) bind(ctx context.Context) error {
	if p.profile == nil {
		if p.job.Package == "" {
			return ErrNoPackage
		}
		schema, err := p.catalogue.Schema(ctx, p.job.Package)
		if err != nil {
			return err
		}
		p.proposal = mapping.Suggest(p.file.Columns, p.file.Samples(), schema, p.job.Customer)
		if len(p.proposal.Open) > 0 {
			return &OpenQuestions{p.proposal}
		}
		p.profile = p.proposal.Profile
	}
	var err error
	p.mapping, err = p.profile.Bind(ctx, p.file.Columns, p.catalogue, mapping.Options{Package: p.job.Package, Customer: p.job.Customer, Now: p.job.Now})
	return err
}

// Proposal is how the columns were matched where no profile was given, else nil: it is shown before anything is sent.
func (p *Plan) Proposal() *mapping.Proposal { return p.proposal }

// Head is what a result knows before its first row.
func (p *Plan) Head() Head {
	f := p.file
	return Head{File: p.job.File, SHA256: f.SHA256, Endpoint: p.job.Endpoint.URL, DryRun: true, Sheet: f.Sheet, HeaderRow: f.HeaderRow, Columns: f.Columns, StartedAt: p.job.Now}
}

// Format is how the file was read, in words: "csv, windows-1252, ;".
func (p *Plan) Format() string {
	words := []string{p.file.Format}
	for _, w := range []string{p.file.Encoding, p.file.Sheet, p.file.Delimiter} {
		if w != "" {
			words = append(words, w)
		}
	}
	return strings.Join(words, ", ")
}

// Close releases the file.
func (p *Plan) Close() error { return p.file.Close() }
