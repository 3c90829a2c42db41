package main

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "footnote"

// mayImport says which of our own packages a package may import. What is not
// listed may not exist: a new package is placed here first. Commands may
// import everything.
var mayImport = map[string][]string{
	"corpus":          {},
	"corpus/history":  {"corpus"},
	"corpus/load":     {"corpus", "corpus/load/pdf"},
	"corpus/load/pdf": {},
	"corpus/original": {"corpus"},

	"retrieval/words":                      {},
	"retrieval/span":                       {},
	"retrieval":                            {"corpus", "retrieval/words", "retrieval/span"},
	"retrieval/remote":                     {},
	"retrieval/embed":                      {"corpus", "retrieval", "retrieval/words", "retrieval/remote"},
	"retrieval/chromemstore":               {"corpus", "retrieval"},
	"retrieval/weaviatestore":              {"corpus", "retrieval"},
	"retrieval/weaviatestore/weaviatetest": {},
	"retrieval/storetest":                  {"corpus", "retrieval"},
	"retrieval/badnet":                     {},

	"bot/cite":              {"corpus"},
	"bot":                   {"corpus", "retrieval", "retrieval/span", "bot/cite"},
	"bot/answer":            {"corpus", "retrieval", "retrieval/remote", "retrieval/span", "bot/cite", "bot"},
	"bot/answer/llmsim":     {},
	"bot/record":            {"bot"},
	"bot/ledger":            {"corpus", "retrieval", "retrieval/span", "bot/cite", "bot", "bot/record"},
	"bot/ledger/pgtest":     {},
	"bot/slackbot":          {"corpus", "retrieval", "retrieval/span", "bot/cite", "bot", "bot/record"},
	"bot/slackbot/slacksim": {},
	"bot/eval":              {"corpus", "retrieval", "bot/cite", "bot"},
}

// mayBeImportedBy says which of our packages, or packages below them, may
// import what others wrote: each dependency has one adapter.
var mayBeImportedBy = map[string][]string{
	"github.com/slack-go/slack":                    {"bot/slackbot"},
	"github.com/philippgille/chromem-go":           {"retrieval/chromemstore"},
	"github.com/sashabaranov/go-openai":            {"bot/answer", "retrieval/embed"},
	"github.com/weaviate":                          {"retrieval/weaviatestore"},
	"modernc.org/sqlite":                           {"bot/ledger", "cmd"},
	"github.com/mattn/go-sqlite3":                  {"bot/ledger", "cmd"},
	"github.com/jackc/pgx":                         {"bot/ledger", "cmd"},
	"github.com/lib/pq":                            {"bot/ledger", "cmd"},
	"codeberg.org/readeck/go-readability":          {"corpus/load"},
	"github.com/JohannesKaufmann/html-to-markdown": {"corpus/load"},
	"github.com/yuin/goldmark":                     {"corpus/load"},
	"github.com/riverqueue/river":                  {"bot/ledger", "cmd"},

	// The middle knows OpenTelemetry's interface (otel/trace), and not what
	// makes and sends traces.
	"go.opentelemetry.io/otel/attribute": {"retrieval/span", "cmd"},
	"go.opentelemetry.io/otel/codes":     {"retrieval/span", "cmd"},
	"go.opentelemetry.io/otel/sdk":       {"cmd"},
	"go.opentelemetry.io/otel/exporters": {"cmd"},
	"go.opentelemetry.io/proto":          {},
}

func TestImportsKeepToTheArchitecture(t *testing.T) {
	graph, err := importGraph(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, must := range []string{"corpus", "retrieval", "bot", "cmd/footnote"} {
		if len(graph[must]) == 0 {
			t.Errorf("%s was not read", must)
		}
	}
	for _, v := range violations(graph) {
		t.Error(v)
	}
}

func TestTheCheckerFindsViolations(t *testing.T) {
	tests := []struct {
		name, from, imports string
		want                bool
	}{
		{"downwards", "bot", "footnote/retrieval", false},
		{"upwards", "retrieval", "footnote/bot", true},
		{"the corpus imports nothing of ours", "corpus", "footnote/retrieval", true},
		{"one adapter another", "bot/slackbot", "footnote/bot/ledger", true},
		{"one store another", "retrieval/weaviatestore", "footnote/retrieval/chromemstore", true},
		{"the engine its answerer", "bot", "footnote/bot/answer", true},
		{"a simulator ours", "bot/slackbot/slacksim", "footnote/bot", true},
		{"a command everything", "cmd/footnote", "footnote/bot/slackbot", false},
		{"a command imported", "bot", "footnote/cmd/footnote", true},
		{"a package without a place", "bot/misc", "strings", true},
		{"Slack outside its adapter", "bot", "github.com/slack-go/slack/slackevents", true},
		{"Slack in its adapter", "bot/slackbot", "github.com/slack-go/slack/socketmode", false},
		{"Slack in the adapter's simulator", "bot/slackbot/slacksim", "github.com/slack-go/slack", false},
		{"chromem in a command", "cmd/footnote", "github.com/philippgille/chromem-go", true},
		{"chromem in its adapter", "retrieval/chromemstore", "github.com/philippgille/chromem-go", false},
		{"OpenAI in the embedder", "retrieval/embed", "github.com/sashabaranov/go-openai", false},
		{"OpenAI in retrieval", "retrieval", "github.com/sashabaranov/go-openai", true},
		{"a later major version", "bot", "github.com/jackc/pgx/v5", true},
		{"a driver in a command", "cmd/footnote", "modernc.org/sqlite", false},
		{"what sends traces, in the middle", "bot/slackbot", "go.opentelemetry.io/otel/sdk/trace", true},
		{"the interface of traces there", "bot/slackbot", "go.opentelemetry.io/otel/trace", false},
		{"a name that only begins alike", "bot", "github.com/lib/pqueue", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := violations(map[string][]string{tt.from: {tt.imports}})
			if (len(got) > 0) != tt.want {
				t.Errorf("%s importing %s: %q", tt.from, tt.imports, got)
			}
		})
	}
}

// violations lists the imports that break the rules, given each package's
// imports; packages are named by their folders.
func violations(graph map[string][]string) []string {
	var found []string
	for _, pkg := range slices.Sorted(maps.Keys(graph)) {
		allowed, known := mayImport[pkg]
		command := within(pkg, "cmd")
		if !known && !command {
			found = append(found, fmt.Sprintf("%s has no place in the architecture", pkg))
		}
		for _, imported := range graph[pkg] {
			ours, isOurs := strings.CutPrefix(imported, module+"/")
			if isOurs && (within(ours, "cmd") || !command && !slices.Contains(allowed, ours)) {
				found = append(found, fmt.Sprintf("%s may not import %s", pkg, ours))
			}
			for dependency, adapters := range mayBeImportedBy {
				in := func(adapter string) bool { return within(pkg, adapter) }
				if within(imported, dependency) && !slices.ContainsFunc(adapters, in) {
					found = append(found, fmt.Sprintf("%s may not import %s; only %s may", pkg, imported, strings.Join(adapters, " and ")))
				}
			}
		}
	}
	return found
}

// within reports whether a path is another one or lies below it.
func within(p, parent string) bool { return p == parent || strings.HasPrefix(p, parent+"/") }

// importGraph reads what each package imports, its tests aside.
func importGraph(root fs.FS) (map[string][]string, error) {
	graph := map[string][]string{}
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := path.Base(name)
		if d.IsDir() && (base == "testdata" || len(base) > 1 && base[0] == '.') {
			return fs.SkipDir
		}
		if d.IsDir() || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		source, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, i := range file.Imports {
			imported, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			graph[path.Dir(name)] = append(graph[path.Dir(name)], imported)
		}
		return nil
	})
	return graph, err
}
