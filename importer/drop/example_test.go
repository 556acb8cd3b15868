package drop_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"orderimport/importer/drop"
)

// A file is dropped, handled once, and lies in done/ with its result.
func Example() {
	dir, err := os.MkdirTemp("", "drop")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	config, err := drop.ParseConfig(filepath.Join(dir, "watch.yaml"), []byte(`
version: 1
poll: 100ms
drops:
  - {name: hr, folder: ., package: Mobil Bas, action: validate}
`))
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "nyanställda.csv"), []byte("Förnamn;Efternamn\nÅsa;Öberg\n"), 0o600); err != nil {
		log.Fatal(err)
	}

	handle := func(_ context.Context, d *drop.Drop, c drop.Claim) drop.Outcome {
		fmt.Println(d.Action, c.Name)
		if err := os.WriteFile(c.Result, nil, 0o600); err != nil {
			return drop.Outcome{Verdict: drop.Failed, Text: err.Error()}
		}
		return drop.Outcome{Verdict: drop.Done}
	}
	if err := drop.Run(context.Background(), config, config.Drop("hr"), handle, func(drop.Event) {}); err != nil {
		log.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "done", "*"))
	for _, path := range files {
		fmt.Println(filepath.Base(path)[len("20261123T213700.000Z-"):])
	}
	// Output:
	// validate nyanställda.csv
	// nyanställda-result.xlsx
	// nyanställda.csv
}
