package connect_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"orderimport/importer/connect"
	"orderimport/importer/connect/connecttest"
)

// TestNoSilentReplay sends orders where net/http, a server or a redirect could make two of one: each arrives exactly once, or
// provably not at all. What arrived is counted by the sandbox, made or not.
func TestNoSilentReplay(t *testing.T) {
	trials := 200
	if os.Getenv("ORDERIMPORT_TEST_ALL") == "1" || os.Getenv("ORDERIMPORT_TEST_LONG") == "1" {
		trials = 10_000
	}
	for _, test := range []struct {
		name  string
		fault string
		tls   bool
		lost  bool // an order may be written to a connection that is closed already
	}{
		{name: "a used connection ends without an answer", fault: "eof-after@every:3"},
		{name: "a used connection is reset", fault: "reset-after@every:3"},
		{name: "an answer is cut within its header", fault: "cut-header-after@every:3"},
		{name: "a used connection is closed while idle", fault: "close-idle-after@every:3", lost: true},
		{name: "two answers to one order", fault: "twice-after@every:50"},
		{name: "HTTP/2 on offer, and no answer", fault: "eof-after@every:20", tls: true},
		{name: "HTTP/2 on offer, and a reset", fault: "reset-after@every:20", tls: true},
		{name: "redirect 303", fault: "http-303-after@every:3//api/CreateOrder"},
		{name: "redirect 307", fault: "http-307-after@every:3//api/CreateOrder"},
		{name: "redirect 308", fault: "http-308-after@every:3//api/CreateOrder"},
	} {
		t.Run(test.name, func(t *testing.T) {
			options := connecttest.Options{TLS: test.tls, Faults: []connecttest.Fault{fault(t, test.fault)}}
			server := start(t, options)
			config := connect.Config{Endpoint: connect.Endpoint{URL: server.URL()}}
			if test.tls {
				var err error
				if config.CAFile, err = server.CAFile(t.TempDir()); err != nil {
					t.Fatal(err)
				}
			}
			client, body := clientOf(t, config), encode(t, order())
			var mu sync.Mutex
			said := make(map[string]connect.Outcome, trials)
			const workers = 4
			var all sync.WaitGroup
			for w := range workers {
				all.Go(func() {
					var conn *connect.Conn
					defer func() { _ = conn.Close() }()
					for n := w; n < trials; n += workers {
						if conn == nil || !conn.Usable() {
							if conn != nil {
								_ = conn.Close()
							}
							var err error
							if conn, err = client.Dial(context.Background()); err != nil {
								t.Error(err)
								return
							}
						}
						id := fmt.Sprint("trial-", n)
						o := conn.CreateOrder(context.Background(), id, body)
						mu.Lock()
						said[id] = o
						mu.Unlock()
					}
				})
			}
			all.Wait()

			made := map[string]int{}
			for _, o := range server.Audit() {
				made[o.RequestID]++
			}
			written := 0
			for id, o := range said {
				if o.Reason != "nothing-sent" {
					written++
				}
				n := made[id]
				if n > 1 || o.Verdict == connect.Ordered && n != 1 || o.Verdict == connect.NotSent && n != 0 || o.Verdict == connect.InDoubt && n != 1 && !test.lost {
					t.Errorf("%s: made %d times, said %+v", id, n, o)
				}
			}
			requests := server.Requests()
			if arrived := requests.CreateOrder; arrived > written || arrived < written && !test.lost || len(said) != trials {
				t.Errorf("%d orders were written, %d arrived", written, arrived)
			}
			if requests.HTTP2 != 0 || requests.Other != 0 {
				t.Errorf("requests: %+v", requests)
			}
		})
	}
}

// TestReplayIsReal shows that the faults of TestNoSilentReplay do make two orders of one with net/http's own client, where a
// request has an Idempotency-Key or may be redirected. Ours has neither, whatever it sends.
func TestReplayIsReal(t *testing.T) {
	server := start(t, connecttest.Options{Faults: []connecttest.Fault{fault(t, "eof-after@2"), fault(t, "http-307-after@4//api/CreateOrder")}})
	client := http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	post := func(headers ...string) {
		r, err := http.NewRequest("POST", server.URL()+"/api/CreateOrder", strings.NewReader(string(encode(t, order()))))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Auth-Key", secret)
		r.Header.Set("Content-Type", "application/json")
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		reply, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, reply.Body)
		reply.Body.Close()
	}
	post()
	post("Idempotency-Key", "one") // calls 2 and 3
	post()                         // calls 4 and 5
	if n := len(server.Audit()); n != 5 {
		t.Errorf("three orders made %d, not 5: net/http has changed, and with it what TestNoSilentReplay shows", n)
	}
}
