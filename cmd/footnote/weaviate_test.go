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
		await           bool
	}{
		{"in the data folder", "", opening{}, data, data.path + "/index", "memory", false},
		{"in the data folder, to be served", "", opening{waits: true}, data, data.path + "/index", "memory", false},
		{"in memory, to be measured", "", opening{strict: true}, dataFolder{}, "memory", "memory", false},
		{"in Weaviate", "http://a:8080", opening{}, data, weaviate, "memory", false},
		{"in Weaviate, to be served", "http://a:8080", opening{waits: true}, data, weaviate, "memory", true},
		{"in Weaviate, to be served in place of another", "http://a:8080", opening{waits: true, firm: true}, data, weaviate, "", true},
		{"in Weaviate, to be measured", "http://a:8080", opening{strict: true}, dataFolder{}, weaviate, "", false},
		{"nowhere", "http://a:8080", opening{traceless: true, waits: true}, dataFolder{}, "memory", "memory", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("WEAVIATE_URL", test.url)
			kept, err := test.how.stores(test.data, log)
			if err != nil {
				t.Fatal(err)
			}
			if got := kept.store.Location(); got != test.store || kept.await != test.await {
				t.Errorf("they are kept in %s (%t), want %s (%t)", got, kept.await, test.store, test.await)
			}
			if f := kept.fallback; (f == nil) != (test.fallback == "") || f != nil && f.Location() != test.fallback {
				t.Errorf("the fallback is %v, want %q", f, test.fallback)
			}
		})
	}
}
