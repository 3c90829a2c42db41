package main

import (
	"fmt"
	"slices"
	"strings"

	"footnote/bot"
	"footnote/bot/cite"
)

// answer lays an answer out for a person: the text, then its sources as
// footnotes.
func (s *screen) answer(a bot.Answer) string {
	var b strings.Builder
	text := wrap(clean(strings.TrimSpace(a.Text)), s.width, "")
	b.WriteString(s.boldMarkers(text, a.Citations) + "\n")
	// A follow-up says how it was read; a notice of a spelling says so itself.
	if a.UnderstoodAs != "" && (a.Notice == "" || a.Mode == bot.ModeLLM) && !strings.Contains(a.Question, a.UnderstoodAs) {
		b.WriteString(s.dim(wrap("(Understood as: "+oneLine(clean(a.UnderstoodAs))+")", s.width, "")) + "\n")
	}
	if a.Notice != "" {
		b.WriteString(s.dim(wrap("("+oneLine(clean(a.Notice))+")", s.width, "")) + "\n")
	}
	if len(a.Citations) > 0 {
		b.WriteString("\n")
	}
	for _, c := range a.Citations {
		b.WriteString(s.source(c) + s.columnNames(c.Columns, "    ") + s.link(c.Link, "    "))
		if quote := oneLine(clean(c.Quote)); !strings.Contains(oneLine(text), quote) {
			b.WriteString(s.dim("    “"+clip(quote, s.room(columns("    “”")))+"”") + "\n")
		}
	}
	if a.Version != "" && len(a.Citations) > 0 {
		b.WriteString("    " + s.dim("version "+a.Version) + "\n")
	}
	return b.String()
}

// source is a footnote: [1] report.txt ¶11 · Competition and elimination.
func (s *screen) source(c bot.Citation) string {
	marker := fmt.Sprintf("[%d] ", c.Marker)
	place := wrap(place(c.Document, c.Page, c.Paragraph, c.Heading), s.width, "    ")
	return s.bold(marker) + s.dim(place) + "\n"
}

func place(document string, page, paragraph int, heading string) string {
	return oneLine(clean(document)) + " " + placeWithin(page, paragraph, heading)
}

// placeWithin is a place of a document that was named before.
func placeWithin(page, paragraph int, heading string) string {
	p := fmt.Sprintf("¶%d", paragraph)
	if page > 0 {
		p = fmt.Sprintf("p. %d ", page) + p
	}
	if heading != "" {
		p += " · " + oneLine(clean(heading))
	}
	return p
}

// columnNames is a line that names the columns of a row; "" where there are none.
func (s *screen) columnNames(names, indent string) string {
	if names == "" {
		return ""
	}
	return s.dim(indent+clip("Columns: "+oneLine(clean(names)), s.room(columns(indent)))) + "\n"
}

// link is a line with an address, in one piece, so that terminals know it for one
// and it can be copied; "" where there is none.
func (s *screen) link(address, indent string) string {
	if address == "" {
		return ""
	}
	return s.dim(indent+oneLine(clean(address))) + "\n"
}

// room is the width left for a text on one line beside others.
func (s *screen) room(taken int) int {
	if s.width == 0 {
		return maxWidth - taken
	}
	return max(s.width-taken, 1)
}

// boldMarkers sets off the markers that have a citation from brackets that
// the document uses itself.
func (s *screen) boldMarkers(text string, citations []bot.Citation) string {
	if !s.colour {
		return text
	}
	var b strings.Builder
	at := 0
	for _, m := range cite.Markers(text) {
		if slices.ContainsFunc(citations, func(c bot.Citation) bool { return c.Marker == m.Number }) {
			b.WriteString(text[at:m.Start] + s.bold(text[m.Start:m.End]))
			at = m.End
		}
	}
	return b.String() + text[at:]
}

// answerLine is an answer on a single line, for output that is read line by line.
func answerLine(r result) string {
	if r.Error != "" {
		return "error: " + oneLine(clean(r.Error))
	}
	line := oneLine(clean(r.Text))
	for i, c := range r.Citations {
		separator := "; "
		if i == 0 {
			separator = " — "
		}
		line += fmt.Sprintf("%s[%d] %s", separator, c.Marker, place(c.Document, c.Page, c.Paragraph, c.Heading))
	}
	return line
}

// sources lists an answer's citations with their whole quotes.
func (s *screen) sources(a bot.Answer) string {
	var b strings.Builder
	for _, c := range a.Citations {
		b.WriteString(s.source(c) + s.columnNames(c.Columns, "    ") + s.link(c.Link, "    "))
		b.WriteString("    " + wrap("“"+oneLine(clean(c.Quote))+"”", s.width, "    ") + "\n")
		b.WriteString("    " + s.dim(fmt.Sprintf("bytes %d–%d", c.Start, c.End)) + "\n")
	}
	return b.String()
}

// passages lists what a search found, best first.
func (s *screen) passages(found []bot.Retrieved) string {
	var b strings.Builder
	for i, p := range found {
		if i > 0 {
			b.WriteString("\n")
		}
		head := fmt.Sprintf("%d. %s", p.Rank, place(p.Document, p.Page, p.Paragraph, p.Heading))
		b.WriteString(s.bold(wrap(head, s.width, "   ")) + s.dim(fmt.Sprintf("  (%.2f)", p.Score)) + "\n")
		b.WriteString(s.columnNames(p.Columns, "   ") + s.link(p.Link, "   "))
		b.WriteString("   " + wrap(clean(strings.TrimSpace(p.Text)), s.width, "   ") + "\n")
	}
	return b.String()
}
