package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// onTerminal runs the program with its output on a terminal 60 columns wide
// and returns what appears there.
func onTerminal(t *testing.T, env []string, args ...string) string {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("there are no terminals here: %v", err)
	}
	defer master.Close()
	fd := int(master.Fd())
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 60})
	}
	if err != nil {
		t.Fatal(err)
	}
	terminal, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("there are no terminals here: %v", err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, args...)
	cmd.Args[0] = "footnote" // TestMain then runs the program
	cmd.Env = append(append(os.Environ(), "FOOTNOTE_CORPUS=", "FOOTNOTE_DATA="+t.TempDir(), "GORACE=atexit_sleep_ms=0"), env...)
	cmd.Stdout, cmd.Stderr = terminal, terminal
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	terminal.Close()
	shown, _ := io.ReadAll(master) // ends with an error once nobody has the terminal open
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v: %v", args, err)
	}
	return strings.ReplaceAll(string(shown), "\r\n", "\n")
}

const numberQuestion = "How many large models had been released in China by October?"

func TestATerminalGetsWrappedTextInColour(t *testing.T) {
	shown := onTerminal(t, []string{"TERM=xterm", "NO_COLOR="}, "ask", numberQuestion)
	if !strings.Contains(shown, "\x1b[1m[1]\x1b[0m") || !strings.Contains(shown, "\x1b[2mreport.txt ¶11") {
		t.Errorf("without colour: %q", shown)
	}
	for _, env := range []string{"NO_COLOR=1", "TERM=dumb"} {
		shown := onTerminal(t, []string{"TERM=xterm", "NO_COLOR=", env}, "ask", numberQuestion)
		if strings.Contains(shown, "\x1b") {
			t.Errorf("with %s: %q", env, shown)
		}
		for _, line := range strings.Split(shown, "\n") {
			if columns(line) > 60 {
				t.Errorf("%q is too long for the terminal", line)
			}
		}
	}
}

func TestADocumentCannotDriveTheTerminal(t *testing.T) {
	file := t.TempDir() + "/evil.txt"
	text := "The price of tea is four\u009b2J crowns\u202e a pound\u0085 in London.\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"text", file},
		{"ask", "--corpus", file, "What is the price of tea?"},
		{"ask", "--json", "--corpus", file, "What is the price of tea?"},
		{"search", "--corpus", file, "price of tea\u009b2J"},
	} {
		shown := onTerminal(t, []string{"NO_COLOR=1"}, args...)
		if strings.ContainsFunc(shown, unsafeToPrint) || !strings.Contains(shown, "price of tea") {
			t.Errorf("%q shows %q", args, shown)
		}
	}
}
