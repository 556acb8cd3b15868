package main

import (
	"net"
	"net/url"
	"os"
	"os/signal"
	"time"

	"github.com/spf13/cobra"

	"orderimport/importer/connect/connecttest"
)

// loopback reports whether a URL's host is this machine.
func loopback(s string) bool {
	u, err := url.Parse(s)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

func (a *app) sandbox() *cobra.Command {
	var opt connecttest.Options
	var faults []string
	var audit string
	c := &cobra.Command{
		Use:  "sandbox",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, text := range faults {
				fault, err := connecttest.ParseFault(text)
				if err != nil {
					return &useError{text: plain("%s"), args: []any{saidError(err)}, hint: hintHelp}
				}
				opt.Faults = append(opt.Faults, fault)
			}
			if audit != "" {
				f, err := os.OpenFile(audit, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
				if err != nil {
					return &useError{text: textFileUnwritable, args: []any{audit}, hint: hintFile}
				}
				defer f.Close()
				opt.Audit = f
			}
			server, err := connecttest.Start(opt)
			if err != nil {
				return &useError{text: plain("%s"), args: []any{saidError(err)}, hint: hintHelp}
			}
			defer server.Close()
			tokens := textAnyToken
			if opt.Token != "" {
				tokens = textOneToken
			}
			a.tell(textSandbox, server.URL(), tokens.In(a.lang))
			ctx, stop := signal.NotifyContext(cmd.Context(), endings()...)
			defer stop()
			<-ctx.Done()
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&opt.Addr, "addr", "127.0.0.1:0", "")
	f.DurationVar(&opt.Latency, "latency", 20*time.Millisecond, "")
	f.Float64Var(&opt.Rate, "limit", 0, "")
	f.StringVar(&opt.Token, "token", "", "")
	f.StringArrayVar(&faults, "fault", nil, "")
	f.StringVar(&audit, "audit", "", "")
	return c
}
