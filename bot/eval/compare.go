package eval

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
)

// ReadResults reads what WriteJSON or footnote eval --json wrote.
func ReadResults(data []byte) ([]*Result, error) {
	var results []*Result
	dec := json.NewDecoder(bytes.NewReader(data))
	for {
		r := new(Result)
		err := dec.Decode(r)
		if errors.Is(err, io.EOF) && len(results) > 0 {
			return results, nil
		}
		if err != nil || r.Suite == "" {
			return nil, errors.New("it is not what footnote eval --json prints")
		}
		if r.Outcomes == nil {
			return nil, fmt.Errorf("it does not say how each question of %s went", r.Suite)
		}
		results = append(results, r)
	}
}

// Find gives the result of a suite among those of another run: that of the
// same name, else, since the other run may have been started in another
// folder, the only one of the same last name; nil if there is none.
func Find(results []*Result, suite string) *Result {
	var alike []*Result
	for _, r := range results {
		if r.Suite == suite {
			return r
		}
		if path.Base(r.Suite) == path.Base(suite) {
			alike = append(alike, r)
		}
	}
	if len(alike) != 1 {
		return nil
	}
	return alike[0]
}

// A Comparison says what two runs of a suite do not have in common.
type Comparison struct {
	Before *Result
	// Better went wrong before and right now, Worse the other way round; by
	// the names of what they are about, then in the order of the suite.
	Better, Worse []Ref
	// New questions were not asked before, Gone ones not now.
	New, Gone int
}

// A Ref names a question of a suite.
type Ref struct{ File, ID string }

func (r Ref) String() string { return r.File + " " + r.ID }

// Compare tells how a run differs from one before it.
func Compare(before, now *Result) *Comparison {
	was, is := before.each(), now.each()
	c := &Comparison{Before: before}
	for _, q := range now.refs() {
		right, asked := was[q]
		switch {
		case !asked:
			c.New++
		case is[q] && !right:
			c.Better = append(c.Better, q)
		case !is[q] && right:
			c.Worse = append(c.Worse, q)
		}
	}
	for q := range was {
		if _, asked := is[q]; !asked {
			c.Gone++
		}
	}
	return c
}

// each maps every question to whether it went right.
func (r *Result) each() map[Ref]bool {
	all := map[Ref]bool{}
	for file, o := range r.Outcomes {
		if o == nil {
			continue
		}
		for _, id := range o.Right {
			all[Ref{file, id}] = true
		}
		for _, id := range o.Wrong {
			all[Ref{file, id}] = false
		}
	}
	return all
}

// refs lists the questions that went right before those that did not, which
// keeps the better and the worse ones in the order of the suite.
func (r *Result) refs() []Ref {
	var all []Ref
	for _, file := range slices.Sorted(maps.Keys(r.Outcomes)) {
		if o := r.Outcomes[file]; o != nil {
			for _, id := range slices.Concat(o.Right, o.Wrong) {
				all = append(all, Ref{file, id})
			}
		}
	}
	return all
}

// WriteComparison writes for people what got better and worse.
func WriteComparison(w io.Writer, now *Result, c *Comparison) error {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s: compared with the run before\n", now.Suite)
	if c == nil {
		b.WriteString("  the suite was not part of it\n")
	} else {
		fmt.Fprintf(&b, "  answer %s, was %s\n", decimal(now.Answer), decimal(c.Before.Answer))
		writeRefs(&b, "better", c.Better)
		writeRefs(&b, "worse", c.Worse)
		if c.New+c.Gone > 0 {
			fmt.Fprintf(&b, "  new: %d, gone: %d\n", c.New, c.Gone)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeRefs(b *strings.Builder, title string, refs []Ref) {
	fmt.Fprintf(b, "  %s: %d\n", title, len(refs))
	for _, q := range refs {
		fmt.Fprintf(b, "    %s\n", q)
	}
}
