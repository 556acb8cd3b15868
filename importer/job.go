package importer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
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
	Hidden   Hidden           // "": the profile's, else the usual one
	Profile  *mapping.Profile // nil: the columns are matched by name and content
	Package  string           // ID or name; "" leaves it to the profile, or without one to the file's columns
	Customer string           // "" leaves it to the profile, or without one to the file's columns
	Usual    Usual            // what counts where none of these says it
	Endpoint connect.Endpoint
	Now      time.Time // the day that relative dates count from
}

// Usual is what a user has set for all files. It gives way to what is said for one: by the job, its profile or the file's own columns.
type Usual struct {
	Package, Customer string
	Hidden            Hidden // "": Hold
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

// ErrNoPackage is a job in which neither a flag nor a setting nor the profile names the package.
var ErrNoPackage = errors.New("no package given")

// Plan is a file read and fitted to a package, ready to be checked row by row, once.
type Plan struct {
	job       Job
	endpoint  connect.Endpoint
	file      *sheet.File
	catalogue *Catalogue
	profile   *mapping.Profile
	mapping   *mapping.Mapping
	proposal  *mapping.Proposal
	recalling bool // TakeOver: the file is a result, read for the orders that it tells of
}

// Read reads the head of the job's file. It needs no API: what cannot be read is told before anybody is asked for a token.
// Errors are those of sheet.Open. The plan must be closed.
func Read(job Job) (*Plan, error) {
	if p := job.Profile; p != nil {
		job.Sheet.Sheet = cmp.Or(job.Sheet.Sheet, p.Sheet)
		job.Sheet.Header = cmp.Or(job.Sheet.Header, p.Header)
		job.Hidden = cmp.Or(job.Hidden, Hidden(p.Hidden))
	}
	job.Hidden = cmp.Or(job.Hidden, job.Usual.Hidden, Hold)
	file, err := sheet.Open(job.File, job.Sheet)
	if err != nil {
		return nil, err
	}
	return &Plan{job: job, file: file, profile: job.Profile}, nil
}

// Fit fits the profile, or one that it suggests, to the file's columns and to what endpoint offers. Errors are those of
// mapping.Profile.Bind and connect, *OpenQuestions, *EndpointError and ErrNoPackage.
func (p *Plan) Fit(ctx context.Context, catalogue *Catalogue, endpoint connect.Endpoint) error {
	p.catalogue, p.endpoint = catalogue, endpoint
	if p.profile == nil {
		return p.suggest(ctx)
	}
	if only := p.profile.Endpoint; only != "" && only != endpoint.Host {
		place, err := connect.ParseEndpoint(only)
		if err != nil || place.Host != endpoint.Host {
			return &EndpointError{Profile: only, Used: endpoint.URL}
		}
	}
	opt := mapping.Options{Package: p.job.Package, Customer: p.job.Customer, Now: p.job.Now}
	if !p.profile.Package.Set() {
		opt.Package = cmp.Or(opt.Package, p.job.Usual.Package)
	}
	if !p.profile.Customer.Set() {
		opt.Customer = cmp.Or(opt.Customer, p.job.Usual.Customer)
	}
	return p.bind(ctx, opt)
}

// suggest finds a profile by the columns' names and content. It is bound as it is shown: the flags are part of it already.
func (p *Plan) suggest(ctx context.Context) (err error) {
	said := mapping.Order{Package: p.job.Package, Customer: p.job.Customer}
	usual := mapping.Order{Package: p.job.Usual.Package, Customer: p.job.Usual.Customer}
	if said.Package == "" && usual.Package == "" {
		return ErrNoPackage
	}
	if p.proposal, err = mapping.SuggestFor(ctx, p.file.Columns, p.file.Samples(), p.catalogue, said, usual); err != nil {
		return err
	}
	if len(p.proposal.Open) > 0 {
		return &OpenQuestions{p.proposal}
	}
	p.profile = p.proposal.Profile
	return p.bind(ctx, mapping.Options{Now: p.job.Now})
}

func (p *Plan) bind(ctx context.Context, opt mapping.Options) (err error) {
	p.mapping, err = p.profile.Bind(ctx, p.file.Columns, p.catalogue, opt)
	return err
}

// Proposal is how the columns were matched where no profile was given, else nil: it is shown before anything is sent.
func (p *Plan) Proposal() *mapping.Proposal { return p.proposal }

// Unused are the labels of the file's columns that nothing is read from, in order: what a person may have meant to send.
func (p *Plan) Unused() []string { return p.mapping.Unused() }

// Head is what a result knows before its first row.
func (p *Plan) Head() Head {
	f := p.file
	return Head{File: p.job.File, SHA256: f.SHA256, Endpoint: p.endpoint.URL, DryRun: true, Sheet: f.Sheet, HeaderRow: f.HeaderRow, Columns: f.Columns, StartedAt: p.job.Now}
}

// File is the open file. Its rows are the plan's to read.
func (p *Plan) File() *sheet.File { return p.file }

// Close releases the file.
func (p *Plan) Close() error { return p.file.Close() }
