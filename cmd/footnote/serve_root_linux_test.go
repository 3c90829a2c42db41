package main

import (
	"flag"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"footnote/bot/slackbot/slacksim"
)

var rootFolder = flag.String("root", "", "a folder to run footnote serve in as if it were the whole disk, as a container does; needs root")

// In a folder that holds what the Containerfile puts into one, and no more, it
// answers, as nobody in particular.
func TestServeInAContainer(t *testing.T) {
	if *rootFolder == "" {
		t.Skip("no -root is given")
	}
	const nobody = 65532
	ws, env := workspace(t, slacksim.Options{})
	s := &served{t: t, cmd: exec.Command("/footnote", "serve", "--listen", "127.0.0.1:0")}
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: *rootFolder, Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	s.cmd.Dir = "/data"
	s.cmd.Env = append(env, "FOOTNOTE_DATA=/data") // and nothing of this machine's
	s.start()
	s.ready(ws, "socket")
	alice, general := ws.AddUser(slacksim.UserSpec{Name: "alice"}), ws.Channel("general")
	alice.Say(general, countQuestion)
	s.until("the answer", func() bool { return strings.Contains(ws.Transcript(), "([1])") })
	asked := exec.Command("/footnote", "health", "--ready", "--listen", strings.TrimPrefix(s.url, "http://"))
	asked.SysProcAttr, asked.Dir, asked.Env = s.cmd.SysProcAttr, "/data", []string{}
	if out, err := asked.CombinedOutput(); err != nil || string(out) != "ready\n" {
		t.Errorf("health: %v, %s", err, out)
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if status := s.ends(); status != 0 || strings.Contains(s.said(), "level=WARN") {
		t.Errorf("status %d\n%s", status, s.said())
	}
	if _, err := os.Stat(*rootFolder + "/data/ledger.db"); err != nil {
		t.Errorf("the ledger is not where the container keeps it: %v", err)
	}
}
