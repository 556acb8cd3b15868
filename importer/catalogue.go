package importer

import (
	"context"
	"encoding/json"
	"errors"
	"sort"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"

	"orderimport/importer/connect"
	"orderimport/importer/mapping"
)

// Catalogue is the packages that the user may order and their schemas, fetched once and remembered for one run. It is the
// mapping.Schemas of the pipeline. One goroutine uses it.
type Catalogue struct {
	client   *connect.Client
	packages []connect.GetPackageResult
	byName   map[string]found
	byID     map[int64]*connect.OrderSchema
}

type found struct {
	schema *connect.OrderSchema
	err    error
}

// NewCatalogue fetches the list of packages. Errors are those of connect.Client.GetPackages.
func NewCatalogue(ctx context.Context, client *connect.Client) (*Catalogue, error) {
	packages, err := client.GetPackages(ctx)
	if err != nil {
		return nil, err
	}
	return &Catalogue{client: client, packages: packages, byName: map[string]found{}, byID: map[int64]*connect.OrderSchema{}}, nil
}

// Packages in the API's order.
func (c *Catalogue) Packages() []connect.GetPackageResult { return c.packages }

// Schema takes an ID or a name, case and blanks apart.
func (c *Catalogue) Schema(ctx context.Context, name string) (*connect.OrderSchema, error) {
	if f, ok := c.byName[name]; ok {
		return f.schema, f.err
	}
	schema, err := c.find(ctx, name)
	var unknown *mapping.UnknownPackage
	if err == nil || errors.As(err, &unknown) {
		c.byName[name] = found{schema, err}
	}
	return schema, err
}

func (c *Catalogue) find(ctx context.Context, name string) (*connect.OrderSchema, error) {
	wanted := strings.Join(strings.Fields(name), " ")
	var ids []int64
	for _, p := range c.packages {
		if strconv.FormatInt(p.PredefinedPackageID, 10) == wanted {
			return c.fetch(ctx, p.PredefinedPackageID)
		}
		if strings.EqualFold(strings.Join(strings.Fields(p.Name), " "), wanted) {
			ids = append(ids, p.PredefinedPackageID)
		}
	}
	switch len(ids) {
	case 1:
		return c.fetch(ctx, ids[0])
	case 0:
		return nil, &mapping.UnknownPackage{Name: name, Nearest: c.nearest(wanted)}
	default: // two packages of one name: only the ID tells them apart
		return nil, &mapping.UnknownPackage{Name: name, Nearest: strconv.FormatInt(ids[0], 10)}
	}
}

func (c *Catalogue) fetch(ctx context.Context, id int64) (*connect.OrderSchema, error) {
	if schema, ok := c.byID[id]; ok {
		return schema, nil
	}
	schema, err := c.client.GetPackageSchema(ctx, id)
	if err != nil {
		return nil, err
	}
	c.byID[id] = schema
	return schema, nil
}

func (c *Catalogue) nearest(name string) string {
	best, least := "", len([]rune(name))/3+1
	for _, p := range c.packages {
		for _, candidate := range []string{p.Name, strconv.FormatInt(p.PredefinedPackageID, 10)} {
			if d := levenshtein.ComputeDistance(strings.ToLower(name), strings.ToLower(candidate)); d < least {
				best, least = candidate, d
			}
		}
	}
	return best
}

// seal is the JSON of all schemas fetched so far, by ID: what a run was checked against.
func (c *Catalogue) seal() ([]byte, error) {
	schemas := make([]*connect.OrderSchema, 0, len(c.byID))
	for _, s := range c.byID {
		schemas = append(schemas, s)
	}
	sort.Slice(schemas, func(i, j int) bool { return schemas[i].PredefinedPackageID < schemas[j].PredefinedPackageID })
	return json.Marshal(schemas)
}
