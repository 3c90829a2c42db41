package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

func TestForgettingAsksFirst(t *testing.T) {
	for answer, erased := range map[string]bool{"y\n": true, " YES \n": true, "\n": false, "no\n": false, "yesterday\n": false, "": false} {
		path := filepath.Join(t.TempDir(), "ledger.db")
		if err := fillLedger(path); err != nil {
			t.Fatal(err)
		}
		t.Setenv("DATABASE_URL", "sqlite:"+path)
		var shown bytes.Buffer
		out := &screen{Writer: &shown}
		a := &app{in: strings.NewReader(answer), inTerminal: true, out: out, err: out}
		if err := (&forgetCommand{User: "U1", Team: "T1", logFlags: logFlags{LogLevel: "warn"}}).Run(t.Context(), a); err != nil {
			t.Fatalf("%q: %v", answer, err)
		}
		got := shown.String()
		if !strings.HasPrefix(got, "Erase what is kept of U1 in workspace T1? It cannot be undone. [y/N] ") ||
			strings.Contains(got, "Erased: 5 questions") != erased || strings.Contains(got, "Nothing was erased.") == erased {
			t.Errorf("%q: %s", answer, got)
		}
	}
}
