package main

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"
)

// A replica is footnote serve that is started again whenever it ends, as
// systemd does.
type replica struct {
	program, folder string
	env             []string

	mu      sync.Mutex
	process *os.Process   // nil while there is none
	log     *bytes.Buffer // of the process
	said    bytes.Buffer  // by those before it
	pause   time.Duration // before the next start; 0 unless it was killed
	ended   int           // by itself
	over    bool
	done    chan struct{}
}

// restartPause is what systemd waits for before it starts a unit that ended
// again, by docs/deploy/footnote.service.
const restartPause = 5 * time.Second

func keepRunning(t *testing.T, env []string) *replica {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := &replica{program: program, folder: t.TempDir(), done: make(chan struct{}), log: &bytes.Buffer{}}
	r.env = append(append(os.Environ(), "FOOTNOTE_CORPUS=", "FOOTNOTE_DATA="+t.TempDir(), "GORACE=atexit_sleep_ms=0"), env...)
	go r.run()
	t.Cleanup(r.stop)
	return r
}

// Write takes what the process says.
func (r *replica) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.Write(p)
}

func (r *replica) run() {
	defer close(r.done)
	for {
		cmd := exec.Command(r.program, "serve", "--listen", "127.0.0.1:0")
		cmd.Args[0] = "footnote" // TestMain then runs the program
		cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = r.folder, r.env, r, r
		if !r.begin(cmd) {
			return
		}
		_ = cmd.Wait() // it was killed, or says why it ended
		time.Sleep(r.afterEnd())
	}
}

func (r *replica) begin(cmd *exec.Cmd) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		return false
	}
	r.said.Write(r.log.Bytes())
	r.log.Reset()
	if err := cmd.Start(); err != nil {
		r.log.WriteString(err.Error())
		return false
	}
	r.process = cmd.Process
	return true
}

func (r *replica) afterEnd() (pause time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.process = nil
	if pause, r.pause = r.pause, 0; pause > 0 || r.over {
		return pause
	}
	r.ended++
	return restartPause
}

// kill ends the process with -9; another one starts after the pause. It reports
// whether there was one.
func (r *replica) kill(pause time.Duration) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.process == nil {
		return false
	}
	r.pause = pause
	return r.process.Kill() == nil
}

// stop ends it for good.
func (r *replica) stop() {
	r.mu.Lock()
	r.over = true
	r.mu.Unlock()
	r.kill(0)
	<-r.done
}

// ready reports whether it takes questions.
func (r *replica) ready() bool {
	r.mu.Lock()
	found := listening.FindSubmatch(r.log.Bytes())
	r.mu.Unlock()
	if found == nil {
		return false
	}
	answer, err := http.Get("http://" + string(found[1]) + "/readyz")
	if err != nil {
		return false
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// all is what it has said.
func (r *replica) all() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.said.String() + r.log.String()
}
