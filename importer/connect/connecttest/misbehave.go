package connecttest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// otherOrigin is where redirects lead that name no place. The name can never be resolved.
const otherOrigin = "https://elsewhere.sandbox.invalid/api/CreateOrder"

// page is what a captive portal or a proxy in between sends.
const page = "<!DOCTYPE html>\n<html><head><title>Nätverk</title></head><body><h1>Logga in</h1></body></html>\n"

// fail answers with a fault. made is the order, where it was made first.
func (s *Server) fail(w http.ResponseWriter, fault Fault, name string, made *Order) {
	// What the right answer would be; for an order that was not made, one with a number that no order has.
	var id int64
	if made != nil {
		id = made.OrderID
	} else {
		id = newID()
	}
	right := result(id, number(id))
	if prefix, status := cutStatus(name); status != 0 {
		s.failStatus(w, fault.Value, prefix, status, right, made != nil)
		return
	}
	half := right[:len(right)/2]
	switch name {
	case "garbage-200":
		reply(w, http.StatusOK, []byte("\x00\xff{{]] order created"))
	case "empty-200":
		w.WriteHeader(http.StatusOK)
	case "html-200":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, page)
	case "error-200":
		refuse(w, http.StatusOK, "something went wrong")
	case "zero-id":
		reply(w, http.StatusOK, result(0, number(id)))
	case "no-number":
		reply(w, http.StatusOK, result(id, ""))
	case "repeat":
		s.repeat(w, made)
	case "huge":
		reply(w, http.StatusOK, append(right, bytes.Repeat([]byte(" "), 2<<20)...))
	case "gzip-200":
		w.Header().Set("Content-Encoding", "gzip")
		reply(w, http.StatusOK, bomb())
	case "restart":
		down, err := time.ParseDuration(fault.Value)
		if err != nil {
			down = 20 * time.Millisecond
		}
		s.restart(down)
		panic(http.ErrAbortHandler)
	case "redirect-other":
		s.failStatus(w, fault.Value, "http", http.StatusTemporaryRedirect, right, made != nil)
	case "timeout":
		s.take(w, silence)
	case "reset":
		s.take(w, func(conn net.Conn, _ *bufio.Reader) { reset(conn) })
	case "eof":
		s.take(w, func(net.Conn, *bufio.Reader) {})
	case "cut-header":
		s.write(w, "HTTP/1.1 200 OK\r\nContent-Type: appl", reset)
	case "garbage":
		s.write(w, "220 smtp.sandbox.invalid ESMTP\r\n", nil)
	case "cut-body":
		s.write(w, head(len(right), "")+string(half), reset)
	case "stall-body":
		s.take(w, func(conn net.Conn, in *bufio.Reader) {
			if _, err := io.WriteString(conn, head(len(right), "")+string(half)); err == nil {
				silence(conn, in)
			}
		})
	case "truncate":
		s.write(w, head(len(right), "")+string(half), nil)
	case "cut-close":
		s.write(w, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"+string(half), nil)
	case "long-length":
		s.write(w, head(len(right)+10, "")+string(right), nil)
	case "short-length":
		s.write(w, head(len(half), "")+string(right), nil)
	case "slow":
		s.take(w, func(conn net.Conn, _ *bufio.Reader) {
			text := head(len(right), "Connection: close\r\n") + string(right)
			each := 200 * time.Microsecond
			if whole, err := time.ParseDuration(fault.Value); err == nil {
				each = whole / time.Duration(len(text))
			}
			for _, b := range []byte(text) {
				if _, err := conn.Write([]byte{b}); err != nil {
					return
				}
				time.Sleep(each)
			}
		})
	case "close-idle":
		s.write(w, head(len(right), "")+string(right), func(net.Conn) { time.Sleep(rand.N(2 * time.Millisecond)) })
	case "twice":
		s.write(w, strings.Repeat(head(len(right), "")+string(right), 2), func(net.Conn) { time.Sleep(50 * time.Millisecond) })
	}
}

// silence lasts until the client gives up or the server is closed, which closes the connection.
func silence(_ net.Conn, in *bufio.Reader) { _, _ = io.Copy(io.Discard, in) }

// head is the header of a reply with 200 and JSON.
func head(length int, more string) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n", length, more)
}

// failStatus answers with a status: with the API's JSON, or a proxy's web page.
func (s *Server) failStatus(w http.ResponseWriter, value, prefix string, status int, right []byte, made bool) {
	if status/100 == 3 {
		if value == "" {
			value = otherOrigin
		}
		w.Header().Set("Location", value)
	} else if value != "" {
		comeAgain(w.Header(), value)
	}
	switch {
	case status == http.StatusNoContent || status == http.StatusNotModified:
		w.WriteHeader(status)
	case prefix == "plain":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, page)
	case status/100 == 2 && made:
		reply(w, status, right)
	default:
		refuse(w, status, fmt.Sprintf("the sandbox was told to answer with %d", status))
	}
}

// comeAgain sets Retry-After.
func comeAgain(header http.Header, value string) {
	if wait, ok := strings.CutPrefix(value, "date:"); ok {
		if d, err := time.ParseDuration(wait); err == nil {
			now := time.Now().Add(time.Hour).UTC()
			header.Set("Date", now.Format(http.TimeFormat))
			value = now.Add(d).Format(http.TimeFormat)
		}
	}
	header.Set("Retry-After", value)
}

// bomb is 64 MiB of blanks, compressed.
var bomb = sync.OnceValue(func() []byte {
	var out bytes.Buffer
	pack := gzip.NewWriter(&out)
	blanks := bytes.Repeat([]byte(" "), 1<<20)
	for range 64 {
		_, _ = pack.Write(blanks)
	}
	_ = pack.Close()
	return out.Bytes()
})

// repeat answers with the number of the order before made, or with 500 where there is none.
func (s *Server) repeat(w http.ResponseWriter, made *Order) {
	s.mu.Lock()
	earlier := s.orders
	if made != nil {
		for i := range earlier {
			if earlier[i].OrderID == made.OrderID {
				earlier = earlier[:i]
				break
			}
		}
	}
	var body []byte
	if n := len(earlier); n > 0 {
		body = result(earlier[n-1].OrderID, earlier[n-1].OrderNumber)
	}
	s.mu.Unlock()
	if body == nil {
		refuse(w, http.StatusInternalServerError, "there is no order before this one")
		return
	}
	reply(w, http.StatusOK, body)
}

// write takes the connection, writes text to it and closes it after then, where there is one.
func (s *Server) write(w http.ResponseWriter, text string, then func(net.Conn)) {
	s.take(w, func(conn net.Conn, _ *bufio.Reader) {
		if _, err := io.WriteString(conn, text); err == nil && then != nil {
			then(conn)
		}
	})
}

// take takes the connection from the HTTP server for a fault, and closes it after use. Over HTTP/2, which has no connection of
// its own for a call, the call is aborted.
func (s *Server) take(w http.ResponseWriter, use func(net.Conn, *bufio.Reader)) {
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		panic(http.ErrAbortHandler)
	}
	conn, buffered, err := hijacker.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer conn.Close()
	s.mu.Lock()
	select {
	case <-s.closing:
		s.mu.Unlock()
		return
	default:
		s.hijacked[conn] = struct{}{}
	}
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.hijacked, conn)
		s.mu.Unlock()
	}()
	use(conn, buffered.Reader)
}

// reset makes the close that follows a reset: what lies unsent is thrown away.
func reset(conn net.Conn) {
	under := conn
	if secured, ok := conn.(interface{ NetConn() net.Conn }); ok {
		under = secured.NetConn()
	}
	if tcp, ok := under.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = under.Close()
}
