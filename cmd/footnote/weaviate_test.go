package main

import (
	"log/slog"
	"testing"
)

func TestWhereVectorsAreKept(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	data := dataFolder{path: t.TempDir()}
	const weaviate = "Weaviate at a:8080"
	for _, test := range []struct {
		name            string
		url             string
		how             opening
		data            dataFolder
		store, fallback string // empty for none
	}{
		{"in the data folder", "", opening{}, data, data.path + "/index", "memory"},
		{"in memory, to be measured", "", opening{strict: true}, dataFolder{}, "memory", "memory"},
		{"in Weaviate", "http://a:8080", opening{}, data, weaviate, "memory"},
		{"in Weaviate, to be measured", "http://a:8080", opening{strict: true}, dataFolder{}, weaviate, ""},
		{"nowhere", "http://a:8080", opening{traceless: true}, dataFolder{}, "memory", "memory"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("WEAVIATE_URL", test.url)
			store, fallback, err := test.how.stores(test.data, log)
			if err != nil {
				t.Fatal(err)
			}
			if got := store.Location(); got != test.store {
				t.Errorf("they are kept in %s, want %s", got, test.store)
			}
			if (fallback == nil) != (test.fallback == "") || fallback != nil && fallback.Location() != test.fallback {
				t.Errorf("the fallback is %v, want %q", fallback, test.fallback)
			}
		})
	}
}
