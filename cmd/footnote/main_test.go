package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/rogpeppe/go-internal/testscript"

	"footnote/corpus"
)

func TestMain(m *testing.M) {
	// The tests mostly wait for processes, so more of them run side by side than
	// there are processors; -parallel has the last word.
	flag.Set("test.parallel", strconv.Itoa(max(8, runtime.GOMAXPROCS(0))))
	testscript.Main(m, map[string]func(){"footnote": main, unpaced: mainUnpaced})
}

// unpaced is footnote without the pace that it keeps to Slack's limits by.
const unpaced = "footnote-unpaced"

func mainUnpaced() {
	a := newApp(os.Stdin, os.Stdout, os.Stderr)
	a.unpaced = true
	os.Exit(a.run(os.Args[1:]))
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                "testdata/script",
		RequireUniqueNames: true,
		UpdateScripts:      *update,
		Setup: func(env *testscript.Env) error {
			for _, v := range os.Environ() {
				name, _, _ := strings.Cut(v, "=")
				if strings.HasPrefix(name, "FOOTNOTE_") || strings.HasPrefix(name, "OPENAI_") || strings.HasPrefix(name, "SLACK_") || strings.HasPrefix(name, "WEAVIATE_") {
					env.Setenv(name, "")
				}
			}
			env.Setenv("DATABASE_URL", "")
			env.Setenv("XDG_STATE_HOME", "")
			env.Setenv("FOOTNOTE_DATA", filepath.Join(env.WorkDir, "data"))
			// Under the race detector every process would sleep a second at its end.
			env.Setenv("GORACE", "atexit_sleep_ms=0 "+os.Getenv("GORACE"))
			env.Values[modelOf{}] = &scriptedModel{}
			return os.WriteFile(filepath.Join(env.WorkDir, "report.txt"), []byte(corpus.Report().Text), 0o644)
		},
		Condition: func(name string) (bool, error) {
			if name == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"contract":  checkContract,
			"truncate":  truncate,
			"putbytes":  putBytes,
			"nlines":    countLines,
			"status":    expectStatus,
			"askings":   makeLedger,
			"judged":    makeJudged,
			"workspace": openWorkspace,
			"embedder":  commandEmbedder,
			"pack":      packFolder,
			"model":     scriptModel,
			"version":   setVersion,
		},
	})
}

func TestAQuestionWithoutACommandIsHintedAt(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string // "" for no question
	}{
		{[]string{"what", "is", "this", "about?"}, `footnote ask "what is this about?"`},
		{[]string{"What is this about?"}, `footnote ask "What is this about?"`},
		{[]string{"why", "not", "--corpus", "a b.txt", "--json"}, `footnote ask "why not" --corpus "a b.txt" --json`},
		{[]string{"what", "did", `"Ada"`, "say"}, `footnote ask 'what did "Ada" say'`},
		{[]string{"who's", "$HOME"}, `footnote ask 'who'\''s $HOME'`},
		{[]string{"这份报告说了什么？"}, `footnote ask "这份报告说了什么？"`},
		{[]string{"why?"}, `footnote ask "why?"`},
		{[]string{"aks"}, ""},
		{[]string{"aks", "--json"}, ""},
		{[]string{"--json", "what", "is"}, ""},
		{[]string{"version", "now"}, ""},
		{[]string{"search", "--nonsense", "what is it?"}, ""},
	} {
		var grammar commands
		parser, err := kong.New(&grammar, kong.Name("footnote"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = parser.Parse(test.args)
		misuse := new(misuseError)
		if err == nil || !errors.As(misused(parser.Model, test.args, err), &misuse) {
			t.Fatalf("%q: %v", test.args, err)
		}
		hint, asks := strings.CutPrefix(misuse.hint, "to ask a question: ")
		if !asks {
			hint = ""
		}
		if hint != test.want {
			t.Errorf("%q: the hint is %q, want %q", test.args, hint, test.want)
		}
	}
}

// status N COMMAND... runs a command that must fail with a certain status.
func expectStatus(ts *testscript.TestScript, neg bool, args []string) {
	var exit *exec.ExitError
	err := ts.Exec(args[1], args[2:]...)
	if !errors.As(err, &exit) || fmt.Sprint(exit.ExitCode()) != args[0] {
		ts.Fatalf("%q ended with %v, want status %s", args[1:], err, args[0])
	}
}

// contract N [DOCUMENT...] checks that standard output is N results as JSON,
// each with every key, and that what they cite stands in the documents.
func checkContract(ts *testscript.TestScript, neg bool, args []string) {
	documents := map[string]string{}
	for _, name := range args[1:] {
		documents[filepath.Base(name)] = ts.ReadFile(name)
	}
	lines := strings.Split(strings.TrimSuffix(ts.ReadFile("stdout"), "\n"), "\n")
	if fmt.Sprint(len(lines)) != args[0] {
		ts.Fatalf("%d results, want %s", len(lines), args[0])
	}
	for _, line := range lines {
		var r map[string]any
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			ts.Fatalf("not JSON: %v: %s", err, line)
		}
		if problems := contractProblems(r, documents); len(problems) > 0 {
			ts.Fatalf("%s\n%s", strings.Join(problems, "\n"), line)
		}
	}
}

// contractProblems says how a decoded result breaks the contract of ask --json.
func contractProblems(r map[string]any, documents map[string]string) []string {
	var problems []string
	need := func(where string, object map[string]any, keys ...string) {
		for _, key := range keys {
			if object[key] == nil {
				problems = append(problems, where+" lacks "+key)
			}
		}
	}
	need("the result", r, "question", "answer", "refused", "mode", "confidence", "model", "citations", "passages", "checks", "timings_ms", "outcome")
	checks, _ := r["checks"].(map[string]any)
	need("checks", checks, "markers", "markers_valid", "quotes", "quotes_verbatim", "numbers", "numbers_grounded")
	timings, _ := r["timings_ms"].(map[string]any)
	need("timings_ms", timings, "retrieve", "answer", "total")

	passages := map[any]bool{}
	found, _ := r["passages"].([]any)
	for i, p := range found {
		p, _ := p.(map[string]any)
		need("a passage", p, "rank", "document", "paragraph", "passage", "score", "text")
		passages[p["passage"]] = true
		if p["rank"] != float64(i+1) {
			problems = append(problems, fmt.Sprintf("passage %d has rank %v", i+1, p["rank"]))
		}
	}
	var cited []string
	citations, _ := r["citations"].([]any)
	for _, c := range citations {
		c, _ := c.(map[string]any)
		need("a citation", c, "marker", "document", "paragraph", "passage", "quote", "start", "end")
		cited = append(cited, fmt.Sprint(c["marker"]))
		if !passages[c["passage"]] {
			problems = append(problems, fmt.Sprintf("citation %v is of no returned passage", c["marker"]))
		}
		problems = append(problems, quoteProblems(c, documents)...)
	}
	markers := distinctMarkers(r["answer"])
	if !slices.Equal(markers, cited) {
		problems = append(problems, fmt.Sprintf("markers %v, citations %v", markers, cited))
	}
	return problems
}

func quoteProblems(c map[string]any, documents map[string]string) []string {
	name, _ := c["document"].(string)
	quote, _ := c["quote"].(string)
	start, _ := c["start"].(float64)
	end, _ := c["end"].(float64)
	text, known := documents[name]
	switch {
	case !known:
		return []string{fmt.Sprintf("citation %v is of an unknown document %q", c["marker"], name)}
	case quote == "" || start < 0 || end > float64(len(text)) || start >= end || text[int(start):int(end)] != quote:
		return []string{fmt.Sprintf("citation %v does not quote what stands at %v–%v", c["marker"], start, end)}
	}
	return nil
}

func distinctMarkers(answer any) []string {
	text, _ := answer.(string)
	var found []string
	for _, m := range regexp.MustCompile(`\[(\d+)\]`).FindAllStringSubmatch(text, -1) {
		if !slices.Contains(found, m[1]) {
			found = append(found, m[1])
		}
	}
	return found
}

// truncate FOLDER cuts every file below a folder in half.
func truncate(ts *testscript.TestScript, neg bool, args []string) {
	cut := 0
	ts.Check(filepath.Walk(ts.MkAbs(args[0]), func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() || info.Size() == 0 {
			return err
		}
		cut++
		return os.Truncate(path, info.Size()/2)
	}))
	if cut == 0 {
		ts.Fatalf("there is no file to cut below %s", args[0])
	}
}

// putbytes FILE TEXT writes a Go string literal's bytes, which a script
// itself cannot hold.
func putBytes(ts *testscript.TestScript, neg bool, args []string) {
	var text string
	_, err := fmt.Sscanf(`"`+args[1]+`"`, "%q", &text)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o644))
}

// nlines N counts the lines of standard output.
func countLines(ts *testscript.TestScript, neg bool, args []string) {
	if got := fmt.Sprint(bytes.Count([]byte(ts.ReadFile("stdout")), []byte("\n"))); got != args[0] {
		ts.Fatalf("%s lines, want %s", got, args[0])
	}
}

// pack FILE FOLDER makes a zip archive, such as a Word document, of a folder.
func packFolder(ts *testscript.TestScript, neg bool, args []string) {
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	z := zip.NewWriter(f)
	ts.Check(z.AddFS(os.DirFS(ts.MkAbs(args[1]))))
	ts.Check(z.Close())
}
