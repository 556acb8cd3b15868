package connecttest

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// result is the body of a CreateOrderResult.
func result(id int64, number string) []byte {
	b := make([]byte, 0, 96)
	b = append(b, `{"orderID":`...)
	b = strconv.AppendInt(b, id, 10)
	b = append(b, `,"orderNumber":`...)
	b = strconv.AppendQuote(b, number)
	return append(b, '}')
}

// problem is the body of a refusal.
func problem(message string) []byte {
	b, err := json.Marshal(struct {
		Message string `json:"message"`
	}{message})
	if err != nil {
		panic(err) // a string always encodes
	}
	return b
}

// reply answers with JSON.
func reply(w http.ResponseWriter, status int, body []byte) {
	header := w.Header()
	header["Content-Type"] = []string{"application/json"}
	header["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(status)
	// A client that has gone away is no concern of the server's.
	_, _ = w.Write(body)
}

// refuse answers with the API's error JSON.
func refuse(w http.ResponseWriter, status int, message string) {
	reply(w, status, problem(message))
}
