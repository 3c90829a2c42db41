package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"footnote/corpus"
)

// changes lays out what changed between two versions for a person.
func (s *screen) changes(from, to *side, c corpus.Changes) string {
	switch {
	case from == nil:
		return fmt.Sprintf("There is no earlier version to compare with: the report is %s now.\n", corpus.Version(to.hash))
	case from.hash == to.hash || from.corpus.Hash == to.corpus.Hash:
		return fmt.Sprintf("Nothing has changed: %s and %s are the same.\n", from.name(), to.name())
	case c.Empty():
		return fmt.Sprintf("The documents of %s and %s are the same, in another order.\n", from.name(), to.name())
	}
	var b strings.Builder
	b.WriteString(s.bold(wrap("From "+from.name()+" to "+to.name()+":", s.width, "")) + "\n")
	for _, d := range c.Added {
		b.WriteString("\n" + s.bold(shownName(d.Name)+": added") + ", " + count(passagesOf(to.corpus, d.Name), "passage") + "\n")
	}
	for _, d := range c.Removed {
		b.WriteString("\n" + s.bold(shownName(d.Name)+": removed") + ", " + count(passagesOf(from.corpus, d.Name), "passage") + "\n")
	}
	for _, d := range c.Changed {
		b.WriteString("\n" + s.documentChange(d))
	}
	b.WriteString("\n" + wrap(totalsOf(c).summary(), s.width, "") + "\n")
	return b.String()
}

func shownName(document string) string { return oneLine(clean(document)) }

// name is a version as it is told of.
func (s *side) name() string {
	switch {
	case s.path != "":
		return shownName(s.path)
	case s.at.IsZero():
		return corpus.Version(s.hash) + " (as it is now)"
	}
	return fmt.Sprintf("%s (%s)", corpus.Version(s.hash), dated(s.at))
}

func passagesOf(c *corpus.Corpus, document string) int {
	n := 0
	for i := range c.Passages {
		if c.Passages[i].Document == document {
			n++
		}
	}
	return n
}

// documentChange lists what changed in a document.
func (s *screen) documentChange(d corpus.DocumentChange) string {
	var b strings.Builder
	head := shownName(d.New.Name) + ": changed"
	if d.Renamed() {
		head = shownName(d.Old.Name) + ": renamed to " + shownName(d.New.Name)
	}
	b.WriteString(s.bold(head) + "\n")
	for _, f := range fieldsOf(d) {
		fmt.Fprintf(&b, "  %s: %s → %s\n", f.Name, orDash(oneLine(clean(f.Then))), orDash(oneLine(clean(f.Now))))
	}
	b.WriteString(labelChanges("heading", d.Headings) + labelChanges("columns", d.Columns))
	for _, p := range d.Passages {
		b.WriteString(s.passageChange(p))
	}
	switch {
	case d.Moved > 0:
		fmt.Fprintf(&b, "  %s moved\n", count(d.Moved, "passage"))
	case !d.Renamed() && len(fieldsOf(d))+len(d.Headings)+len(d.Columns)+len(d.Passages) == 0:
		b.WriteString("  only in what is never cited, such as white space and captions\n")
	}
	return b.String()
}

// labelChanges lists headings, or names of columns, that changed.
func labelChanges(what string, labels []corpus.LabelChange) string {
	var b strings.Builder
	for _, l := range labels {
		then, now := oneLine(clean(l.Old)), oneLine(clean(l.New))
		switch {
		case l.Old == "":
			fmt.Fprintf(&b, "  %s added: %s\n", what, now)
		case l.New == "":
			fmt.Fprintf(&b, "  %s removed: %s\n", what, then)
		default:
			fmt.Fprintf(&b, "  %s: %s → %s\n", what, then, now)
		}
	}
	return b.String()
}

// passageChange is a changed passage below its place.
func (s *screen) passageChange(p corpus.PassageChange) string {
	const indent = "    "
	shown := p.New
	if shown == nil {
		shown = p.Old
	}
	where := placeWithin(shown.Page, shown.Paragraph, strings.Join(shown.Headings, " › "))
	text := "  " + s.dim(wrap(where, s.width, indent)) + "\n" + s.columnNames(shown.Columns, indent)
	line := func(op string, words []piece) string { return "  " + op + " " + s.side(words, op, indent) + "\n" }
	switch {
	case p.Old == nil:
		return text + line("+", []piece{{" ", oneLine(clean(p.New.Text))}})
	case p.New == nil:
		return text + line("-", []piece{{" ", oneLine(clean(p.Old.Text))}})
	}
	words := compareWords(oneLine(clean(p.Old.Text)), oneLine(clean(p.New.Text)))
	return text + line("-", words) + line("+", words)
}

// side is one of two compared texts, in which the words that the other does not
// have are bold.
func (s *screen) side(words []piece, op, indent string) string {
	var text strings.Builder
	var own []bool // by the signs that are no spaces
	for _, p := range words {
		if p.Op != " " && p.Op != op {
			continue
		}
		text.WriteString(p.Text)
		for _, r := range p.Text {
			if !unicode.IsSpace(r) {
				own = append(own, p.Op == op)
			}
		}
	}
	laid := wrap(text.String(), s.width, indent)
	if !s.colour {
		return laid
	}
	var b strings.Builder
	on := false
	turn := func(to bool) {
		if on != to {
			b.WriteString(map[bool]string{true: styleBold, false: styleOff}[to])
			on = to
		}
	}
	for _, r := range laid {
		switch {
		case r == '\n':
			turn(false)
		case !unicode.IsSpace(r):
			turn(own[0])
			own = own[1:]
		}
		b.WriteRune(r)
	}
	turn(false)
	return b.String()
}

// fieldsOf are what a document says of itself, where that changed.
func fieldsOf(d corpus.DocumentChange) []field {
	all := []field{
		{"title", d.Old.Title, d.New.Title},
		{"author", d.Old.Author, d.New.Author},
		{"date", dateShown(d.Old), dateShown(d.New)},
	}
	if d.Old.TitleInferred && d.New.TitleInferred {
		all = all[1:] // it is made of the name
	}
	return slices.DeleteFunc(all, func(f field) bool { return f.Then == f.Now })
}

func dateShown(d corpus.Document) string {
	switch {
	case d.Date.IsZero():
		return ""
	case d.YearOnly:
		return d.Date.Format("2006")
	}
	return d.Date.Format("2006-01-02")
}

// totals are how much changed. The passages of documents that were added or
// removed are not among the passages.
type totals struct {
	Documents tally `json:"documents"`
	Renamed   int   `json:"documents_renamed"`
	Passages  tally `json:"passages"`
	Moved     int   `json:"passages_moved"`
}

type tally struct {
	Added   int `json:"added"`
	Removed int `json:"removed"`
	Changed int `json:"changed"`
}

func totalsOf(c corpus.Changes) totals {
	t := totals{Documents: tally{Added: len(c.Added), Removed: len(c.Removed)}}
	for _, d := range c.Changed {
		if d.Renamed() {
			t.Renamed++
		}
		if d.Old.Text != d.New.Text || !d.Renamed() {
			t.Documents.Changed++
		}
		t.Moved += d.Moved
		for _, p := range d.Passages {
			switch {
			case p.Old == nil:
				t.Passages.Added++
			case p.New == nil:
				t.Passages.Removed++
			default:
				t.Passages.Changed++
			}
		}
	}
	return t
}

// summary says how much changed.
func (t totals) summary() string {
	documents := listed("document", []part{
		{t.Documents.Changed, "changed"}, {t.Documents.Added, "added"}, {t.Documents.Removed, "removed"}, {t.Renamed, "renamed"},
	})
	passages := listed("passage", []part{
		{t.Passages.Changed, "changed"}, {t.Passages.Added, "added"}, {t.Passages.Removed, "removed"}, {t.Moved, "moved"},
	})
	if passages != "" {
		return documents + "; " + passages
	}
	return documents
}

// A part is how many things something happened to.
type part struct {
	n        int
	happened string
}

// listed is "2 documents changed, 1 added"; "" where there is nothing to list.
func listed(what string, parts []part) string {
	var all []string
	for _, p := range parts {
		switch {
		case p.n == 0:
		case len(all) == 0:
			all = append(all, count(p.n, what)+" "+p.happened)
		default:
			all = append(all, fmt.Sprint(p.n, " ", p.happened))
		}
	}
	return strings.Join(all, ", ")
}
