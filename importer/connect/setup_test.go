package connect_test

import (
	"io"
	"log"
	"os"
	"testing"

	"orderimport/importer/connect"
	"orderimport/importer/connect/connecttest"
)

func TestMain(m *testing.M) {
	// net/http tells the standard logger of replies that nobody asked for, which these tests provoke.
	log.SetOutput(io.Discard)
	os.Exit(m.Run())
}

const secret = "canary-7f3a9c-token"

// order is an order that the sandbox takes.
func order() connect.CreateOrderRequest {
	return connect.CreateOrderRequest{PredefinedPackageID: 2001, CustomerNumber: "100200", Data: map[string]string{
		"firstname": "Åsa", "lastname": "Öberg", "email": "asa.oberg@example.se", "userGroup1": "Lager & Logistik",
	}}
}

func encode(t testing.TB, r connect.CreateOrderRequest) []byte {
	t.Helper()
	body, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func start(t testing.TB, options connecttest.Options) *connecttest.Server {
	t.Helper()
	server, err := connecttest.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	return server
}

// newClient is a client of a server without TLS.
func newClient(t testing.TB, server *connecttest.Server) *connect.Client {
	t.Helper()
	return clientOf(t, connect.Config{Endpoint: connect.Endpoint{URL: server.URL()}})
}

// clientOf is a client with the canary token.
func clientOf(t testing.TB, config connect.Config) *connect.Client {
	t.Helper()
	config.Token = connect.NewToken(secret)
	client, err := connect.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func dial(t testing.TB, client *connect.Client) *connect.Conn {
	t.Helper()
	conn, err := client.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func fault(t testing.TB, text string) connecttest.Fault {
	t.Helper()
	f, err := connecttest.ParseFault(text)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
