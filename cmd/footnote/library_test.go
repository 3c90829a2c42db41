package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"footnote/bot"
	"footnote/bot/record"
	"footnote/bot/slackbot"
	"footnote/bot/slackbot/slacksim"
	"footnote/corpus"
)

// testLibrary is a library whose openings are counted.
func testLibrary(t *testing.T) (*library, *atomic.Int32) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { null.Close() })
	l := newApp(null, null, null).library(t.TempDir(), log)
	var opened atomic.Int32
	open := l.open
	l.open = func(ctx context.Context, docs []corpus.Document) (*openedReports, error) {
		opened.Add(1)
		return open(ctx, docs)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l, &opened
}

type openedReports = opened

// keep stores a report about a subject.
func keep(t *testing.T, l *library, subject string) record.Report {
	t.Helper()
	name := subject + ".txt"
	hash, err := l.Keep(t.Context(), name, []byte("All about the "+subject+".\n\nThe "+subject+" weighs 12 kilograms and was built in 1904 by hand.\n"))
	if err != nil {
		t.Fatal(err)
	}
	return record.Report{Name: name, Hash: hash}
}

func TestAReportIsKeptByItsHashAndOpened(t *testing.T) {
	l, _ := testLibrary(t)
	r := keep(t, l, "engine")
	if again := keep(t, l, "engine"); again.Hash != r.Hash {
		t.Errorf("kept as %s and %s", r.Hash, again.Hash)
	}
	entries, err := os.ReadDir(l.folder)
	if err != nil || len(entries) != 1 || entries[0].Name() != r.Hash {
		t.Fatalf("the folder holds %v, %v", entries, err)
	}
	if info, err := entries[0].Info(); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	engine, release, err := l.Open(t.Context(), []record.Report{r, keep(t, l, "carriage")})
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	answer, err := engine.Ask(t.Context(), bot.Question{Text: "When was the carriage built?"})
	if err != nil || !strings.Contains(answer.Text, "1904") || answer.Citations[0].Document != "carriage.txt" {
		t.Errorf("%+v, %v", answer, err)
	}
	if d := engine.Documents(); len(d) != 2 || d[0].Name != "engine.txt" || d[1].Name != "carriage.txt" {
		t.Errorf("documents %+v", d)
	}
}

func TestWhatCannotBeReadIsNotKept(t *testing.T) {
	l, _ := testLibrary(t)
	for _, test := range []struct {
		name, content string
		want          slackbot.Trouble
	}{
		{"a.pdf", "%PDF-1.7", slackbot.TroubleDamaged},
		{"a.zip", "PK\x03\x04 and so on", slackbot.TroubleDamaged},
		{"a.bin", "a\x00b\x00", slackbot.TroubleFormat},
		{"a.txt", "", slackbot.TroubleEmpty},
		{"a.txt", " \n \n", slackbot.TroubleEmpty},
		{"a.md", "<!-- nothing -->", slackbot.TroubleEmpty},
		{"a.txt", "Caf\xe9 and more, said Andr\xe9", slackbot.TroubleEncoding},
		{"a.txt", "\xff\xfeH\x00i\x00", slackbot.TroubleEncoding},
		{"../../a.txt", "\x00", slackbot.TroubleFormat},
	} {
		_, err := l.Keep(t.Context(), test.name, []byte(test.content))
		if u, ok := errors.AsType[*slackbot.Unreadable](err); !ok || u.Why != test.want {
			t.Errorf("%s %q: %v", test.name, test.content, err)
		}
	}
	if entries, err := os.ReadDir(l.folder); err == nil && len(entries) > 0 {
		t.Errorf("kept %v", entries)
	}
}

func TestNamesLeadNowhere(t *testing.T) {
	l, _ := testLibrary(t)
	if _, err := l.Keep(t.Context(), "../../../etc/passwd\x00.txt", []byte("The pond holds 4,000 litres.")); err != nil {
		t.Fatal(err)
	}
	for _, hash := range []string{"", ".", "../ledger.db", "/etc/passwd", strings.Repeat("0", 64), strings.Repeat("A", 64), "draft-1"} {
		if _, _, err := l.Open(t.Context(), []record.Report{{Name: "a.txt", Hash: hash}}); !errors.Is(err, slackbot.ErrNotKept) {
			t.Errorf("%q: %v", hash, err)
		}
	}
	if n := len(l.shelves); n != 0 {
		t.Errorf("%d shelves are left", n)
	}
}

func TestReportsAreOpenedOnceForAll(t *testing.T) {
	l, opened := testLibrary(t)
	r := keep(t, l, "engine")
	gate := make(chan struct{})
	open := l.open
	l.open = func(ctx context.Context, docs []corpus.Document) (*openedReports, error) {
		<-gate
		return open(ctx, docs)
	}
	impatient, leave := context.WithCancel(t.Context())
	var waiting sync.WaitGroup
	for i := range 20 {
		waiting.Go(func() {
			ctx := t.Context()
			if i == 0 {
				ctx = impatient // it began the opening, or waits for it
			}
			_, release, err := l.Open(ctx, []record.Report{r})
			if i == 0 {
				if !errors.Is(err, context.Canceled) {
					t.Errorf("the one who left got %v", err)
				}
				close(gate)
				return
			}
			if err != nil {
				t.Error(err)
				return
			}
			release()
			release() // counts once
		})
	}
	leave()
	waiting.Wait()
	if n := opened.Load(); n != 1 {
		t.Errorf("opened %d times", n)
	}
	for _, s := range l.shelves {
		if s.users != 0 {
			t.Errorf("%d users are left", s.users)
		}
	}
}

func TestTheLongestUnusedReportIsClosed(t *testing.T) {
	l, opened := testLibrary(t)
	l.most = 2
	use := func(subject string) func() {
		_, release, err := l.Open(t.Context(), []record.Report{keep(t, l, subject)})
		if err != nil {
			t.Fatal(err)
		}
		return release
	}
	held := use("anchor")
	use("boat")()
	use("crane")()
	use("boat")() // was closed to make room
	if n := opened.Load(); n != 4 || len(l.shelves) != 2 {
		t.Errorf("opened %d, %d are open", n, len(l.shelves))
	}
	use("anchor")() // in use all the time
	if n := opened.Load(); n != 4 {
		t.Errorf("opened %d", n)
	}
	more := []func(){use("dome"), use("elm"), use("fort")} // all in use at once
	if len(l.shelves) != 4 {
		t.Errorf("%d are open", len(l.shelves))
	}
	for _, release := range append(more, held) {
		release()
	}
	if len(l.shelves) != 2 {
		t.Errorf("%d are open", len(l.shelves))
	}
}

func TestAFailureIsNotRemembered(t *testing.T) {
	l, opened := testLibrary(t)
	r := keep(t, l, "engine")
	open := l.open
	l.open = func(context.Context, []corpus.Document) (*openedReports, error) { return nil, errors.New("no memory") }
	if _, _, err := l.Open(t.Context(), []record.Report{r}); err == nil {
		t.Fatal("opened")
	}
	l.open = open
	_, release, err := l.Open(t.Context(), []record.Report{r})
	if err != nil || opened.Load() != 1 {
		t.Fatal(err)
	}
	release()
}

// What a stranger wrote may break what opens it, which must not end the program:
// the question would come again, and end the next one.
func TestAReportThatBreaksItsOpeningIsNoMoreThanAFailure(t *testing.T) {
	l, _ := testLibrary(t)
	reports := []record.Report{keep(t, l, "engine")}
	open := l.open
	l.open = func(context.Context, []corpus.Document) (*openedReports, error) { panic("a strange report") }
	if _, _, err := l.Open(t.Context(), reports); err == nil || strings.Contains(err.Error(), "strange") {
		t.Errorf("opened: %v", err)
	}
	l.open = open
	_, release, err := l.Open(t.Context(), reports)
	if err != nil {
		t.Fatal(err)
	}
	release()
}

func TestWhatIsNotUsedIsErased(t *testing.T) {
	l, _ := testLibrary(t)
	used, unused, recent := keep(t, l, "used"), keep(t, l, "unused"), keep(t, l, "recent")
	_, release, err := l.Open(t.Context(), []record.Report{unused})
	if err != nil {
		t.Fatal(err)
	}
	release()
	old := time.Now().Add(-2 * keptFor)
	for _, name := range []string{used.Hash, unused.Hash, "draft-7", "notes.txt"} {
		path := filepath.Join(l.folder, name)
		if !isHash(name) {
			if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Sweep(t.Context(), map[string]bool{used.Hash: true}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{used.Hash: true, recent.Hash: true, "notes.txt": true, unused.Hash: false, "draft-7": false} {
		if _, err := os.Stat(filepath.Join(l.folder, name)); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(l.shelves) != 0 {
		t.Error("what was erased is still open")
	}
	if _, _, err := l.Open(t.Context(), []record.Report{unused}); !errors.Is(err, slackbot.ErrNotKept) {
		t.Errorf("opened: %v", err)
	}
	// Kept again, an old content counts as recent.
	if err := os.Chtimes(filepath.Join(l.folder, recent.Hash), old, old); err != nil {
		t.Fatal(err)
	}
	keep(t, l, "recent")
	if err := l.Sweep(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(l.folder, recent.Hash)); err != nil {
		t.Error(err)
	}
}

func TestAClosedLibraryWaitsAndOpensNothing(t *testing.T) {
	l, _ := testLibrary(t)
	r := keep(t, l, "engine")
	begun := make(chan struct{})
	l.open = func(ctx context.Context, _ []corpus.Document) (*openedReports, error) {
		close(begun)
		<-ctx.Done()
		return nil, ctx.Err()
	}
	failed := make(chan error, 1)
	go func() {
		_, _, err := l.Open(context.Background(), []record.Report{r})
		failed <- err
	}()
	<-begun
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("waited for %v", err)
	}
	if _, _, err := l.Open(t.Context(), []record.Report{r}); err == nil {
		t.Error("opened")
	}
}

func TestTheFolderIsNotFilledWithoutEnd(t *testing.T) {
	l, _ := testLibrary(t)
	keep(t, l, "engine")
	huge := filepath.Join(l.folder, strings.Repeat("a", 64))
	if err := os.WriteFile(huge, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(huge, mostKept); err != nil { // takes no room on the disk
		t.Skip(err)
	}
	_, err := l.Keep(t.Context(), "b.txt", []byte("The pond holds 4,000 litres."))
	if u, ok := errors.AsType[*slackbot.Unreadable](err); !ok || u.Why != slackbot.TroubleFull {
		t.Errorf("kept: %v", err)
	}
}

func TestServeTakesAReportThatIsHandedIn(t *testing.T) {
	t.Parallel()
	ws, env := workspace(t, slacksim.Options{})
	alice, general := ws.AddUser(slacksim.UserSpec{Name: "alice"}), ws.Channel("general")
	env = append(env, "FOOTNOTE_REPORT_USERS="+alice.ID)
	s := serve(t, env)
	s.until("readiness", func() bool { status, _ := s.get("/readyz"); return status == 200 })
	m := alice.Upload(general, ws.Bot.Mention(), []*slacksim.File{{Name: "minutes.md", Content: []byte("# The pond\n\nThe pond holds 4,000 litres and costs 310 euros.\n")}})
	s.until("the confirmation", func() bool {
		return strings.Contains(ws.Transcript(), "I have read minutes.md: 1 passage.") && strings.Contains(ws.Transcript(), "(Use it in this whole channel)")
	})
	alice.Post(general, "How much does the pond hold?", slacksim.InThread(m.TS))
	s.until("the answer", func() bool { return strings.Contains(ws.Transcript(), "holds 4,000 litres and costs 310 euros. [1]") })
	if strings.Contains(s.said(), "minutes.md") || strings.Contains(s.said(), "litres") {
		t.Errorf("the log holds what was handed in:\n%s", s.said())
	}
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil || s.ends() != 0 {
		t.Errorf("%v\n%s", err, s.said())
	}
}
