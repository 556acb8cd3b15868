package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"orderimport/importer"
	"orderimport/importer/connect"
)

func (a *app) packages() *cobra.Command {
	c := &cobra.Command{
		Use:  "packages",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := a.set.connect(a.set.endpoint)
			if err != nil {
				return err
			}
			defer s.Close()
			packages, err := s.client.GetPackages(cmd.Context())
			if err != nil {
				return err
			}
			if a.json() {
				return a.writeJSON(packages)
			}
			for _, p := range packages {
				fmt.Fprintf(a.out, "%d  %s\n", p.PredefinedPackageID, p.Name)
			}
			return nil
		},
	}
	a.set.apiFlags(c.Flags())
	a.set.formatFlag(c.Flags())
	return c
}

func (a *app) schema() *cobra.Command {
	c := &cobra.Command{
		Use:  "schema",
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			schema, err := a.fetchSchema(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if a.json() {
				return a.writeJSON(schema)
			}
			fmt.Fprintf(a.out, "%d  %s: %s\n", schema.PredefinedPackageID, schema.Name, strings.Join(schema.Products, ", "))
			w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
			for _, item := range schema.Data {
				required := ""
				if item.Required {
					required = phrase{SV: "krävs", EN: "required"}.In(a.lang)
				}
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", item.Name, item.Type, required, item.DefaultValue, strings.Join(item.AllowedValues, " | "))
			}
			return w.Flush()
		},
	}
	a.set.apiFlags(c.Flags())
	a.set.formatFlag(c.Flags())
	return c
}

// fetchSchema finds a package by ID or name and fetches its schema.
func (a *app) fetchSchema(ctx context.Context, name string) (*connect.OrderSchema, error) {
	s, err := a.set.connect(a.set.endpoint)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	catalogue, err := importer.NewCatalogue(ctx, s.client)
	if err != nil {
		return nil, err
	}
	return catalogue.Schema(ctx, name)
}

func (a *app) version() *cobra.Command {
	return &cobra.Command{
		Use:  "version",
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			fmt.Fprintln(a.out, versionLine())
			return nil
		},
	}
}

// versionLine says which build of the program this is.
func versionLine() string {
	version := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	return fmt.Sprintf("orderimport %s %s %s/%s", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
