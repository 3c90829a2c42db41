package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"footnote/bot/slackbot/slacksim"
)

// A backup is made while it runs, with a question in work; everything is lost but
// that, and the question is answered from it, once.
func TestABackupGoesOn(t *testing.T) {
	t.Parallel()
	sqlite, err := exec.LookPath("sqlite3")
	if err != nil {
		t.Skip("there is no sqlite3")
	}
	folder, backup := t.TempDir(), filepath.Join(t.TempDir(), "copy.db")
	ledger := filepath.Join(folder, "ledger.db")
	goesOn(t, "sqlite:"+ledger, func() {
		if out, err := exec.Command(sqlite, ledger, ".backup "+backup).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}, func() string {
		for _, file := range []string{ledger, ledger + "-wal", ledger + "-shm"} {
			if err := os.Remove(file); err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
		}
		if err := os.Rename(backup, ledger); err != nil {
			t.Fatal(err)
		}
		return "sqlite:" + ledger
	})
}

// goesOn has a ledger backed up while an answer is being posted, and what it was
// restored to answer what was open, once.
func goesOn(t *testing.T, url string, backup func(), restore func() (url string)) {
	t.Helper()
	ws, env := workspace(t, slacksim.Options{})
	s := serve(t, append(env, "DATABASE_URL="+url))
	s.ready(ws, "socket")
	alice, general := ws.AddUser(slacksim.UserSpec{Name: "alice"}), ws.Channel("general")
	alice.Say(general, countQuestion)
	s.until("the answer", func() bool { return strings.Contains(ws.Transcript(), "([1])") && ws.Idle() })
	before := len(ws.Calls("chat.startStream")) + len(ws.Calls("chat.postMessage"))
	for _, method := range []string{"chat.startStream", "chat.postMessage"} {
		ws.Inject(slacksim.Fault{Method: method, Kind: slacksim.Hang})
	}
	alice.Say(general, "What is the growth rate of the market size of large language models in China?")
	s.until("the post", func() bool {
		return len(ws.Calls("chat.startStream"))+len(ws.Calls("chat.postMessage")) > before && ws.Idle()
	})
	backup()
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	s.ends()
	ws.ClearFaults()
	again := serve(t, append(env, "DATABASE_URL="+restore()))
	again.until("the other answer", func() bool { return strings.Count(ws.Transcript(), "([1])") == 2 && ws.Idle() })
	if len(ws.Duplicates("post")) > 0 || strings.Count(ws.Transcript(), "bot (") != 2 {
		t.Errorf("posted twice: %v\n%s", ws.Duplicates("post"), ws.Transcript())
	}
	noSecrets(t, ws, s.said()+again.said())
}

// An upgrade without a pause: the new process is there before the old one stops.
func TestOneProcessTakesOverFromAnother(t *testing.T) {
	t.Parallel()
	ws, env := workspace(t, slacksim.Options{})
	old := serve(t, env)
	old.ready(ws, "socket")
	alice, general := ws.AddUser(slacksim.UserSpec{Name: "alice"}), ws.Channel("general")
	ask := func() { alice.Say(general, countQuestion) }
	ask()
	next := serve(t, env)
	ask()
	next.until("readiness", func() bool { return health(t, next, "--ready") == "ready\n" })
	if err := old.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		ask()
	}
	if status := old.ends(); status != 0 {
		t.Errorf("status %d\n%s", status, old.said())
	}
	ask()
	next.until("the answers", func() bool { return strings.Count(ws.Transcript(), "([1])") == 6 && len(ws.Unacked()) == 0 })
	if len(ws.Duplicates("post"))+len(ws.Violations()) > 0 {
		t.Errorf("posted twice: %v, violations: %v", ws.Duplicates("post"), ws.Violations())
	}
	if said := health(t, old); !strings.Contains(said, "does not answer") || !strings.Contains(said, "hint: ") {
		t.Error(said)
	}
	if said := health(t, next); said != "ok\n" {
		t.Error(said)
	}
}

// health is what footnote health says of a process.
func health(t *testing.T, s *served, args ...string) string {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, append([]string{"health", "--listen", strings.TrimPrefix(s.url, "http://")}, args...)...)
	cmd.Args[0], cmd.Dir = "footnote", t.TempDir()
	out, _ := cmd.CombinedOutput()
	return string(out)
}

func TestWhereSomethingNearbyIsAsked(t *testing.T) {
	for listen, want := range map[string]string{
		"127.0.0.1:8787": "127.0.0.1:8787", "0.0.0.0:80": "localhost:80", ":80": "localhost:80", "[::]:80": "localhost:80",
		"10.0.0.1:80": "10.0.0.1:80", "8787": "",
	} {
		if got, err := nearby(listen); got != want || (err != nil) != (want == "") {
			t.Errorf("%s: %q, %v", listen, got, err)
		}
	}
}
