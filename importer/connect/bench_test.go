package connect_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"orderimport/importer/connect"
	"orderimport/importer/connect/connecttest"
)

// BenchmarkCreateOrder is the bare client against the sandbox at 0 ms: 16 workers with a connection each, client and server in
// one process.
func BenchmarkCreateOrder(b *testing.B) {
	server, err := connecttest.Start(connecttest.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer server.Close()
	client := newClient(b, server)
	const workers = 16
	conns := make([]*connect.Conn, workers)
	body := encode(b, order())
	for i := range conns {
		if conns[i], err = client.Dial(b.Context()); err != nil {
			b.Fatal(err)
		}
		defer conns[i].Close()
	}
	b.ReportAllocs()
	b.ResetTimer()
	started := time.Now()
	var next atomic.Int64
	var wait sync.WaitGroup
	for _, conn := range conns {
		wait.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				if !conn.Usable() {
					if conn, err = client.Dial(context.Background()); err != nil {
						b.Error(err)
						return
					}
				}
				if o := conn.CreateOrder(context.Background(), fmt.Sprint("bench-", n), body); o.Verdict != connect.Ordered {
					b.Errorf("outcome %+v", o)
					return
				}
			}
		})
	}
	wait.Wait()
	b.ReportMetric(float64(b.N)/time.Since(started).Seconds(), "orders/s")
	if got := len(server.Audit()); got != b.N {
		b.Errorf("the sandbox made %d orders, want %d", got, b.N)
	}
}
