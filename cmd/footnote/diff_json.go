package main

import (
	"strings"
	"time"

	"footnote/corpus"
	"footnote/corpus/history"
)

// A diffLine is what changed, as JSON; from is null where there is nothing to
// compare with.
type diffLine struct {
	From      *sideLine      `json:"from"`
	To        *sideLine      `json:"to"`
	Same      bool           `json:"same"`
	Documents []documentLine `json:"documents"`
	Totals    totals         `json:"totals"`
}

type sideLine struct {
	Version string `json:"version"`
	Hash    string `json:"hash"`
	// At is when a version was first seen, absent for what was read just now.
	At string `json:"at,omitempty"`
	// Path is what was named in place of a version.
	Path string `json:"path,omitempty"`
}

type documentLine struct {
	Document string        `json:"document"`
	Change   string        `json:"change"` // added, removed, renamed or changed
	Was      string        `json:"was,omitempty"`
	Count    int           `json:"count"` // of its passages; before it was removed
	Fields   []field       `json:"fields"`
	Headings []labelLine   `json:"headings"`
	Columns  []labelLine   `json:"columns"`
	Passages []passageLine `json:"passages"`
	Moved    int           `json:"moved"`
}

type labelLine struct {
	Then string `json:"then"`
	Now  string `json:"now"`
}

// A passageLine is a passage that was added, where then is null, removed, where
// now is, or changed.
type passageLine struct {
	Change string      `json:"change"`
	Then   *placedLine `json:"then"`
	Now    *placedLine `json:"now"`
	Words  []piece     `json:"words"` // all of both texts; empty unless changed
}

type placedLine struct {
	Paragraph int    `json:"paragraph"`
	Page      int    `json:"page,omitempty"`
	Heading   string `json:"heading"`
	Columns   string `json:"columns,omitempty"`
	Passage   string `json:"passage"`
	Start     int    `json:"start"`
	End       int    `json:"end"`
	Text      string `json:"text"`
}

func newDiffLine(from, to *side, c corpus.Changes) diffLine {
	line := diffLine{From: newSideLine(from), To: newSideLine(to), Same: c.Empty(), Documents: []documentLine{}, Totals: totalsOf(c)}
	for _, d := range c.Added {
		line.Documents = append(line.Documents, newDocumentLine(d.Name, "added", passagesOf(to.corpus, d.Name)))
	}
	for _, d := range c.Removed {
		line.Documents = append(line.Documents, newDocumentLine(d.Name, "removed", passagesOf(from.corpus, d.Name)))
	}
	for _, d := range c.Changed {
		l := newDocumentLine(d.New.Name, "changed", passagesOf(to.corpus, d.New.Name))
		if d.Renamed() {
			l.Change, l.Was = "renamed", d.Old.Name
		}
		l.Fields, l.Moved = append(l.Fields, fieldsOf(d)...), d.Moved
		l.Headings, l.Columns = newLabelLines(d.Headings), newLabelLines(d.Columns)
		for _, p := range d.Passages {
			l.Passages = append(l.Passages, newPassageLine(p))
		}
		line.Documents = append(line.Documents, l)
	}
	return line
}

func newSideLine(s *side) *sideLine {
	if s == nil {
		return nil
	}
	line := &sideLine{Version: corpus.Version(s.hash), Hash: s.hash, Path: s.path}
	if !s.at.IsZero() {
		line.At = s.at.UTC().Format(time.RFC3339)
	}
	return line
}

func newDocumentLine(name, change string, passages int) documentLine {
	return documentLine{
		Document: name, Change: change, Count: passages,
		Fields: []field{}, Headings: []labelLine{}, Columns: []labelLine{}, Passages: []passageLine{},
	}
}

func newLabelLines(labels []corpus.LabelChange) []labelLine {
	lines := []labelLine{}
	for _, l := range labels {
		lines = append(lines, labelLine{l.Old, l.New})
	}
	return lines
}

func newPassageLine(p corpus.PassageChange) passageLine {
	line := passageLine{Change: "changed", Then: newPlacedLine(p.Old), Now: newPlacedLine(p.New), Words: []piece{}}
	switch {
	case p.Old == nil:
		line.Change = "added"
	case p.New == nil:
		line.Change = "removed"
	default:
		line.Words = compareWords(p.Old.Text, p.New.Text)
	}
	return line
}

func newPlacedLine(p *corpus.Passage) *placedLine {
	if p == nil {
		return nil
	}
	return &placedLine{
		Paragraph: p.Paragraph, Page: p.Page, Heading: strings.Join(p.Headings, " › "), Columns: p.Columns,
		Passage: p.ID, Start: p.Start, End: p.End, Text: p.Text,
	}
}

// A listLine is the versions that are kept, the latest first, as JSON.
type listLine struct {
	Versions []versionLine `json:"versions"`
}

type versionLine struct {
	Number    int    `json:"number"`
	Version   string `json:"version"`
	Hash      string `json:"hash"`
	At        string `json:"at"`
	Documents int    `json:"documents"`
	Passages  int    `json:"passages"`
}

func newListLine(versions []history.Version) listLine {
	line := listLine{Versions: []versionLine{}}
	for i, v := range versions {
		line.Versions = append(line.Versions, versionLine{
			Number: i + 1, Version: corpus.Version(v.Hash), Hash: v.Hash, At: v.At.UTC().Format(time.RFC3339),
			Documents: len(v.Documents), Passages: v.Passages,
		})
	}
	return line
}
