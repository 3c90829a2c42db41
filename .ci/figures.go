//go:build ignore

// Command figures checks what `footnote eval --json` measured.
//
//	go run .ci/figures.go floors FILE NAME=LEAST...
//	go run .ci/figures.go agree FILE OTHER
//
// The first form fails when a figure is below its floor, a question failed, a
// marker points nowhere or a quote is not verbatim. The second compares the
// figures that both files have, to four decimals; OTHER was measured by
// another program.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 3 {
		return errors.New("usage: figures floors FILE NAME=LEAST... | figures agree FILE OTHER")
	}
	measured, err := read(args[1])
	if err != nil {
		return err
	}
	switch args[0] {
	case "floors":
		return measured.reach(args[2:])
	case "agree":
		other, err := read(args[2])
		if err != nil {
			return err
		}
		return measured.agree(other)
	}
	return fmt.Errorf("there is no check %q", args[0])
}

type figures map[string]any

func read(file string) (figures, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var f figures
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return f, nil
}

func (f figures) number(name string) (float64, error) {
	n, ok := f[name].(float64)
	if !ok {
		return 0, fmt.Errorf("%s was not measured", name)
	}
	return n, nil
}

// reach reports every figure below its floor, not the first alone.
func (f figures) reach(floors []string) error {
	var problems []error
	for _, floor := range floors {
		name, least, _ := strings.Cut(floor, "=")
		want, err := strconv.ParseFloat(least, 64)
		if err != nil {
			return fmt.Errorf("the floor %q: %w", floor, err)
		}
		got, err := f.number(name)
		if err == nil && got < want {
			err = fmt.Errorf("%s is %.4f, below its floor %.4f", name, got, want)
		}
		if err != nil {
			problems = append(problems, err)
			continue
		}
		fmt.Printf("  %-10s %.4f, floor %.4f\n", name, got, want)
	}
	return errors.Join(append(problems, f.whole("markers", "markers_valid"), f.whole("quotes", "quotes_verbatim"), f.none("errors"))...)
}

// whole reports when not all are good, or when there are none at all.
func (f figures) whole(all, good string) error {
	a, err := f.number(all)
	if err != nil {
		return err
	}
	g, err := f.number(good)
	if err != nil {
		return err
	}
	if a == 0 || a != g {
		return fmt.Errorf("%s: %v of %v %s", good, g, a, all)
	}
	fmt.Printf("  %v of %v %s\n", g, a, strings.ReplaceAll(good, "_", " "))
	return nil
}

func (f figures) none(name string) error {
	n, err := f.number(name)
	if err == nil && n > 0 {
		err = fmt.Errorf("%s: %v", name, n)
	}
	return err
}

// agree reports every figure that two programs measured and not alike; times
// always differ.
func (f figures) agree(other figures) error {
	var problems []error
	compared := 0
	for _, name := range slices.Sorted(maps.Keys(f)) {
		theirs, common := other[name]
		if !common || slices.Contains([]string{"seconds", "ms_per_question", "p99_ms"}, name) {
			continue
		}
		compared++
		if !same(f[name], theirs) {
			problems = append(problems, fmt.Errorf("%s is %v, by the other program %v", name, f[name], theirs))
		}
	}
	const enough = 15 // fewer would mean that one of them renamed its figures
	if compared < enough {
		problems = append(problems, fmt.Errorf("only %d figures are in both", compared))
	}
	if len(problems) == 0 {
		fmt.Printf("  %d figures are the same\n", compared)
	}
	return errors.Join(problems...)
}

func same(a, b any) bool {
	x, isNumber := a.(float64)
	y, isToo := b.(float64)
	if isNumber && isToo {
		return math.Abs(x-y) < 0.5e-4
	}
	return reflect.DeepEqual(a, b)
}
