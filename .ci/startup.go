//go:build ignore

// Command startup compares the wall-clock time of the whole process
// `BINARY ask QUESTION` with that of `BINARY version`.
//
//	go run .ci/startup.go BINARY QUESTION
//
// The two run in turn, so that what else the machine does slows both. It
// prints the medians and fails when their ratio is far above the target:
// times on a shared machine are noisy.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"time"
)

const (
	runs   = 41
	target = 3.0
	most   = 4.0
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: startup BINARY QUESTION")
	}
	binary, question := args[0], args[1]
	if _, err := timed(binary, "ask", question); err != nil { // builds the index
		return err
	}
	var version, ask []time.Duration
	for range runs {
		v, err := timed(binary, "version")
		if err != nil {
			return err
		}
		a, err := timed(binary, "ask", question)
		if err != nil {
			return err
		}
		version, ask = append(version, v), append(ask, a)
	}
	v, a := median(version), median(ask)
	ratio := float64(a) / float64(v)
	fmt.Printf("  median of %d: version %.1f ms, ask %.1f ms, ratio %.2f (target %.0f)\n", runs, milliseconds(v), milliseconds(a), ratio, target)
	if ratio > most {
		return fmt.Errorf("ask takes %.2f times as long as version, more than %.0f", ratio, most)
	}
	if ratio > target {
		fmt.Println("  above the target; a busy machine can be the reason")
	}
	return nil
}

func timed(binary string, args ...string) (time.Duration, error) {
	start := time.Now()
	out, err := exec.Command(binary, args...).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("%s %q: %w\n%s", binary, args, err, out)
	}
	return time.Since(start), nil
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
