// Package connecttest is a Connect API to try things on: a server on this machine with the three methods, Swedish packages, checks
// like the real one's, and any fault on request. Its promise: its audit holds every order that it made and nothing else, and an order
// number is never given out twice, not even by another start.
//
// It is what the commands demo and sandbox run, and what tests of everything that orders run against.
package connecttest

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"math"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// maxRequest bounds the body of an order, in bytes.
const maxRequest = 1 << 20

// Options says how a sandbox behaves. The zero value is a quick one without limits on a free port.
type Options struct {
	Addr      string        // where to listen; default "127.0.0.1:0"; only loopback is allowed
	Latency   time.Duration // how long each call takes
	Rate      float64       // orders a second before it answers 429 with Retry-After; 0: no limit
	Token     string        // the token that is let in; "": any but an empty one
	TLS       bool          // https, with a certificate authority of its own: Server.CAFile
	Audit     io.Writer     // gets one line of JSON for each order, written before the answer leaves
	KeepNone  bool          // Server.Audit stays empty, as for a million orders: they are Audit's alone
	Faults    []Fault       // the first that strikes is taken
	Catalogue []byte        // JSON list of OrderSchema in place of the built-in one
	CloseEach bool          // every connection is closed after its first reply
}

// Order is one order that was made.
type Order struct {
	OrderID     int64             `json:"orderID"`
	OrderNumber string            `json:"orderNumber"`
	PackageID   int64             `json:"predefinedPackageID"`
	Customer    string            `json:"customerNumber"`
	Data        map[string]string `json:"data"` // with the defaults filled in
	RequestID   string            `json:"requestID"`
	Time        time.Time         `json:"time"`
}

// Requests counts what arrived, by method of the API.
type Requests struct {
	GetPackages, GetPackageSchema, CreateOrder, Other int
	HTTP2                                             int // how many of all came over HTTP/2
}

// Server is a running sandbox. It is safe for concurrent use.
type Server struct {
	options   Options
	address   string
	tls       *tls.Config
	authority []byte
	limit     *rate.Limiter
	closing   chan struct{}
	serving   sync.WaitGroup // Go is called with mu held and closing open

	mu       sync.Mutex // guards all below
	http     *http.Server
	down     bool // between two lives
	token    string
	expiries int
	packages *catalogue
	changes  int
	faults   []Fault
	requests Requests
	orders   []Order
	arrived  int         // CreateOrder calls that were let in
	arrivals []time.Time // theirs; those before first are more than a second old
	first    int
	peak     int
	hijacked map[net.Conn]struct{} // by faults; http.Server no longer knows them
	handlers sync.WaitGroup        // Add is called with mu held and closing open
}

// lastID is the last order ID that any sandbox of this process gave out.
var lastID atomic.Int64

// newID gives an order ID that was never given out: the clock in microseconds, or the next one while that is taken. No sandbox
// makes a million orders a second, so IDs never repeat between starts either.
func newID() int64 {
	for {
		last := lastID.Load()
		if id := max(time.Now().UnixMicro(), last+1); lastID.CompareAndSwap(last, id) {
			return id
		}
	}
}

// number is the order number that goes with an ID.
func number(id int64) string { return "A3-0" + strconv.FormatInt(id, 10) }

// Start starts a sandbox. Close ends it.
func Start(options Options) (*Server, error) {
	if options.Addr == "" {
		options.Addr = "127.0.0.1:0"
	}
	if options.Catalogue == nil {
		options.Catalogue = catalogueJSON
	}
	if options.Rate < 0 || math.IsNaN(options.Rate) || options.Latency < 0 {
		return nil, errors.New("sandbox: rate and latency may not be negative")
	}
	for _, f := range options.Faults {
		if !knownKind(f.Kind) {
			return nil, fmt.Errorf("sandbox: unknown kind of fault %q", f.Kind)
		}
	}
	catalogue, err := parseCatalogue(options.Catalogue)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	addr, err := net.ResolveTCPAddr("tcp", options.Addr)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	if !addr.IP.IsLoopback() { // looked at first: nobody else may reach it, not even for a moment
		return nil, fmt.Errorf("sandbox: %q is not only of this machine: use 127.0.0.1:PORT", options.Addr)
	}
	listener, err := net.ListenTCP("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	s := &Server{
		options:  options,
		address:  listener.Addr().String(),
		packages: catalogue,
		token:    options.Token,
		closing:  make(chan struct{}),
		faults:   slices.Clone(options.Faults),
		hijacked: map[net.Conn]struct{}{},
	}
	if options.Rate > 0 {
		s.limit = rate.NewLimiter(rate.Limit(options.Rate), max(1, int(options.Rate)))
	}
	if options.TLS {
		certificate, authority, err := newCertificate()
		if err != nil {
			listener.Close()
			return nil, fmt.Errorf("sandbox: %w", err)
		}
		s.authority = authority
		s.tls = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	}
	s.serve(listener)
	return s, nil
}

// serve answers on listener until the server is closed or goes down.
func (s *Server) serve(listener net.Listener) {
	server := &http.Server{
		Handler:           s.routes(),
		ErrorLog:          log.New(io.Discard, "", 0),
		ReadHeaderTimeout: 30 * time.Second,
		TLSConfig:         s.tls,
	}
	server.SetKeepAlivesEnabled(!s.options.CloseEach)
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closing:
		listener.Close()
		return
	default:
	}
	s.http, s.down = server, false
	s.serving.Go(func() {
		// Both end with ErrServerClosed; there is no other way out while the listener stands.
		if s.tls != nil {
			_ = server.ServeTLS(listener, "", "")
		} else {
			_ = server.Serve(listener)
		}
	})
}

// restart ends every connection at once, and serves again on the same address after a while.
func (s *Server) restart(after time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closing:
		return
	default:
	}
	if s.down {
		return
	}
	s.down = true
	_ = s.http.Close()
	for conn := range s.hijacked {
		conn.Close()
	}
	s.serving.Go(func() {
		for range 100 {
			select {
			case <-time.After(after):
			case <-s.closing:
				return
			}
			// The port may be somebody's for a moment: a connection that leaves this machine has one too.
			if listener, err := net.Listen("tcp", s.address); err == nil {
				s.serve(listener)
				return
			}
		}
	})
}

// Token is the one that is let in now; "" for any.
func (s *Server) Token() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token
}

// catalogue is what may be ordered now.
func (s *Server) catalogue() *catalogue {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.packages
}

// routes says which call does what.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/api/GetPackages", s.api(http.MethodGet, func(r *Requests) { r.GetPackages++ }, s.getPackages))
	mux.HandleFunc("/api/GetPackageSchema", s.api(http.MethodGet, func(r *Requests) { r.GetPackageSchema++ }, s.getPackageSchema))
	mux.HandleFunc("/api/CreateOrder", s.api(http.MethodPost, func(r *Requests) { r.CreateOrder++ }, s.createOrder))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /audit", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(s.Audit())
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		s.mu.Lock()
		s.requests.Other++
		s.mu.Unlock()
		refuse(w, http.StatusNotFound, "no such method")
	})
	return mux
}

// api counts a call, and lets it in with the right method and token after the latency.
func (s *Server) api(method string, count func(*Requests), call http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.enter(r, count) {
			panic(http.ErrAbortHandler)
		}
		defer s.handlers.Done()
		if r.Method != method {
			w.Header().Set("Allow", method)
			refuse(w, http.StatusMethodNotAllowed, "use "+method)
			return
		}
		if token := r.Header.Get("X-Auth-Key"); token == "" || !s.letsIn(token) {
			refuse(w, http.StatusUnauthorized, "the token is missing or not valid")
			return
		}
		call(w, r)
	}
}

func (s *Server) letsIn(token string) bool {
	valid := s.Token()
	return valid == "" || token == valid
}

// enter counts a call, unless the server is closing. The caller then ends with handlers.Done.
func (s *Server) enter(r *http.Request, count func(*Requests)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closing:
		return false
	default:
	}
	s.handlers.Add(1)
	count(&s.requests)
	if r.ProtoMajor == 2 {
		s.requests.HTTP2++
	}
	return true
}

// delay waits for the latency; false when the server is closing.
func (s *Server) delay() bool {
	if s.options.Latency <= 0 {
		return true
	}
	timer := time.NewTimer(s.options.Latency)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.closing:
		return false
	}
}

func (s *Server) getPackages(w http.ResponseWriter, _ *http.Request) {
	if s.delay() {
		reply(w, http.StatusOK, s.catalogue().packages)
	}
}

func (s *Server) getPackageSchema(w http.ResponseWriter, r *http.Request) {
	if !s.delay() {
		return
	}
	id, err := strconv.ParseInt(r.URL.Query().Get("predefinedPackageID"), 10, 64)
	if err != nil {
		refuse(w, http.StatusBadRequest, "predefinedPackageID: an integer is required")
		return
	}
	raw, ok := s.catalogue().raw[id]
	if !ok {
		refuse(w, http.StatusNotFound, fmt.Sprintf("there is no package %d", id))
		return
	}
	reply(w, http.StatusOK, raw)
}

// createOrder checks an order and makes it, with the fault that strikes it.
func (s *Server) createOrder(w http.ResponseWriter, r *http.Request) {
	fault, struck := s.arrive()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			refuse(w, http.StatusRequestEntityTooLarge, "the order is too large")
		} else {
			refuse(w, http.StatusBadRequest, "the order did not arrive whole")
		}
		return
	}
	if r.Header.Get("Content-Type") != "application/json" {
		refuse(w, http.StatusUnsupportedMediaType, "use Content-Type: application/json")
		return
	}
	if !s.delay() {
		panic(http.ErrAbortHandler)
	}
	name, after := side(fault.Kind)
	switch {
	case struck && name == "schema-change":
		s.changeSchemas(fault.Value)
		struck = false
	case struck && name == "token-expiry":
		s.expire(fault.Value)
		refuse(w, http.StatusUnauthorized, "the token is missing or not valid")
		return
	case struck && !after:
		s.fail(w, fault, name, nil)
		return
	}
	if s.limit != nil && !s.limit.Allow() {
		w.Header().Set("Retry-After", "1")
		refuse(w, http.StatusTooManyRequests, "too many orders")
		return
	}
	order, err := s.catalogue().check(body)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	made, err := s.book(order, r.Header.Get("X-Request-ID"))
	if err != nil {
		refuse(w, http.StatusInternalServerError, "the audit cannot be written")
		return
	}
	if struck {
		s.fail(w, fault, name, &made)
		return
	}
	reply(w, http.StatusOK, result(made.OrderID, made.OrderNumber))
}

// arrive counts a CreateOrder and finds the fault that strikes it.
func (s *Server) arrive() (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	for s.first < len(s.arrivals) && now.Sub(s.arrivals[s.first]) >= time.Second {
		s.first++
	}
	if s.first > len(s.arrivals)/2 {
		s.arrivals = append(s.arrivals[:0], s.arrivals[s.first:]...)
		s.first = 0
	}
	s.arrivals = append(s.arrivals, now)
	s.peak = max(s.peak, len(s.arrivals)-s.first)
	s.arrived++
	for _, f := range s.faults {
		if f.strikes(s.arrived) {
			return f, true
		}
	}
	return Fault{}, false
}

// book makes an order. It is in the audit before it returns.
func (s *Server) book(request *orderRequest, requestID string) (Order, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := newID()
	order := Order{
		OrderID:     id,
		OrderNumber: number(id),
		PackageID:   request.PredefinedPackageID,
		Customer:    request.CustomerNumber,
		Data:        request.Data,
		RequestID:   requestID,
		Time:        time.Now().UTC(),
	}
	if s.options.Audit != nil {
		line, err := json.Marshal(order)
		if err != nil {
			return Order{}, err
		}
		if _, err := s.options.Audit.Write(append(line, '\n')); err != nil {
			return Order{}, err
		}
	}
	if !s.options.KeepNone {
		s.orders = append(s.orders, order)
	}
	return order, nil
}

// URL is the address of the sandbox, to be used as an endpoint.
func (s *Server) URL() string {
	scheme := "http://"
	if s.options.TLS {
		scheme = "https://"
	}
	return scheme + s.address
}

// CAFile writes the certificate authority that a sandbox with TLS made for itself into a new PEM file in dir, and gives its path.
// Without TLS it is an error.
func (s *Server) CAFile(dir string) (string, error) {
	if s.authority == nil {
		return "", errors.New("sandbox: it runs without TLS and has no certificate authority")
	}
	file, err := os.CreateTemp(dir, "sandbox-ca-*.pem") // 0600
	if err != nil {
		return "", err
	}
	_, err = file.Write(s.authority)
	return file.Name(), errors.Join(err, file.Close())
}

// Audit gives a copy of every order that was made, oldest first.
func (s *Server) Audit() []Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	orders := make([]Order, len(s.orders))
	for i, o := range s.orders {
		o.Data = maps.Clone(o.Data)
		orders[i] = o
	}
	return orders
}

// Requests says how many calls arrived.
func (s *Server) Requests() Requests {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

// PeakPerSecond is the most CreateOrder calls that arrived within any one second.
func (s *Server) PeakPerSecond() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.peak
}

// AddFault adds a fault. Its numbers count from the first CreateOrder that the server let in, not from now. An unknown kind is an error.
func (s *Server) AddFault(f Fault) error {
	if !knownKind(f.Kind) {
		return fmt.Errorf("sandbox: unknown kind of fault %q", f.Kind)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, f)
	return nil
}

// Close ends the server and all its connections; when it returns, the audit is final. It may be called more than once.
func (s *Server) Close() error {
	s.mu.Lock()
	select {
	case <-s.closing:
		s.mu.Unlock()
		s.serving.Wait()
		return nil
	default:
		close(s.closing)
	}
	for conn := range s.hijacked {
		conn.Close()
	}
	err := s.http.Close()
	s.mu.Unlock()
	s.serving.Wait()
	s.handlers.Wait()
	return err
}
