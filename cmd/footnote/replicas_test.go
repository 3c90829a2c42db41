package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"footnote/bot/ledger/pgtest"
	"footnote/bot/slackbot/slacksim"
)

// footnoteWith runs a command with settings, and returns all that it says.
func footnoteWith(t *testing.T, env []string, args ...string) (string, error) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, args...)
	cmd.Args[0] = "footnote"
	cmd.Dir = t.TempDir()
	cmd.Env = append(append(os.Environ(), "FOOTNOTE_CORPUS=", "GORACE=atexit_sleep_ms=0"), env...)
	said, err := cmd.CombinedOutput()
	return string(said), err
}

func TestReplicasShareTheQuestions(t *testing.T) {
	if !pgtest.Wanted() {
		t.Skip("FOOTNOTE_TEST_POSTGRES names no PostgreSQL: an address, or start")
	}
	servers := &pgtest.Servers{}
	t.Cleanup(servers.Close)
	ws, env := workspace(t, slacksim.Options{})
	env = append(env, "DATABASE_URL="+servers.Schema(t))
	if said, err := footnoteWith(t, env, "questions"); err == nil || !strings.Contains(said, "there is no ledger in ") {
		t.Errorf("before there are tables: %v\n%s", err, said)
	}
	if said, _ := footnoteWith(t, env, "doctor"); !strings.Contains(said, "ok    database: PostgreSQL ") || !strings.Contains(said, "ledger: none in ") {
		t.Error(said)
	}
	replicas := make([]*served, 3)
	for i := range replicas {
		replicas[i] = serve(t, env)
	}
	ready := func(s *served) func() bool {
		return func() bool { status, _ := s.get("/readyz"); return status == http.StatusOK }
	}
	for _, s := range replicas {
		s.until("readiness", ready(s))
	}
	const people, each = 6, 8
	general := ws.Channel("general")
	for i := range people * each {
		who := ws.AddUser(slacksim.UserSpec{Name: fmt.Sprint("person", i)})
		who.Say(general, fmt.Sprintf("How many large models had been released in China by October? (%d)", i))
		switch i {
		case people * each / 4:
			if err := replicas[0].cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		case people * each / 2:
			crash(t, servers.Started())
		}
		time.Sleep(20 * time.Millisecond)
	}
	replicas[1].until("all answers", func() bool { return strings.Count(ws.Transcript(), "([1])") >= people*each })
	replicas[1].until("readiness after the crash", ready(replicas[1]))
	if n := strings.Count(ws.Transcript(), "([1])"); n > people*each || len(ws.Duplicates("post")) > 0 {
		t.Errorf("%d answers to %d questions", n, people*each)
	}
	said, err := footnoteWith(t, env, "doctor")
	if !strings.Contains(said, fmt.Sprintf("ok    ledger: %d questions, 0 waiting, 0 given up", people*each)) {
		t.Errorf("%v\n%s", err, said)
	}
	for _, s := range replicas[1:] {
		if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if status := s.ends(); status != 0 {
			t.Errorf("status %d\n%s", status, s.said())
		}
	}
	noSecrets(t, ws, said+replicas[0].said()+replicas[1].said()+replicas[2].said()) // the password is a canary
}

// crash ends a server that is the test's own as a crash would, and starts it again.
func crash(t *testing.T, s *pgtest.Server) {
	t.Helper()
	if s == nil {
		return
	}
	if err := s.Stop(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
}

// A backup by pg_dump is as good as one of SQLite's.
func TestReplicasGoOnFromABackup(t *testing.T) {
	if !pgtest.Wanted() {
		t.Skip("FOOTNOTE_TEST_POSTGRES names no PostgreSQL: an address, or start")
	}
	servers := &pgtest.Servers{}
	t.Cleanup(servers.Close)
	server := servers.Started()
	if server == nil {
		t.Skip("it makes databases, which it does with FOOTNOTE_TEST_POSTGRES=start alone")
	}
	run := func(stdin []byte, name string, args ...string) []byte {
		out, err := server.Run(bytes.NewReader(stdin), name, args...)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	database := func(name string) (url string) {
		run(nil, "createdb", "--encoding", "UTF8", "--template", "template0", name)
		return strings.Replace(server.Address(), "/postgres?", "/"+name+"?", 1)
	}
	var dump []byte
	goesOn(t, database("before"), func() {
		dump = run(nil, "pg_dump", "--format=custom", "before")
	}, func() string {
		url := database("after")
		run(dump, "pg_restore", "--exit-on-error", "--dbname=after")
		return url
	})
}
