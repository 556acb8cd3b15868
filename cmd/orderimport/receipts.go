package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"time"

	"orderimport/importer/ledger"
	"orderimport/importer/submit"
)

// receiptsFile takes what the ledger could not: its disk is full or its server gone, and orders under way were made.
const receiptsFile = "emergency-receipts.jsonl"

// keepReceipts writes down orders that the ledger could not book, durably, in the first folder that takes them: the input's, the home, the
// one for temporary files. It gives the file's path, "" where no folder took them. There is nothing personal in it.
func keepReceipts(run *ledger.Run, now time.Time, orders ...submit.Event) string {
	var lines []byte
	for _, e := range orders {
		line, err := json.Marshal(struct {
			Time        time.Time `json:"time"`
			Run         string    `json:"run"`
			Row         int       `json:"row"`
			Endpoint    string    `json:"endpoint"`
			OrderID     int64     `json:"orderID"`
			OrderNumber string    `json:"orderNumber"`
			RequestID   string    `json:"requestID"`
		}{now.UTC(), run.ID, e.Row, run.Endpoint, e.OrderID, e.Number, e.Request})
		if err != nil {
			return ""
		}
		lines = append(append(lines, line...), '\n')
	}
	folders := []string{filepath.Dir(run.File), os.TempDir()}
	if home, err := os.UserHomeDir(); err == nil {
		folders = []string{folders[0], home, folders[1]}
	}
	for _, folder := range folders {
		path := filepath.Join(folder, receiptsFile)
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			continue
		}
		_, err = f.Write(lines)
		if errors.Join(err, f.Sync(), f.Close()) == nil {
			return path
		}
	}
	return ""
}
