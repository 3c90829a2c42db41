package eval

import (
	"fmt"
	"path"
	"strconv"
	"strings"
)

// Lengths of the diagram. A panel has a square plot, below it a histogram on
// the same axis, and below that a table.
const (
	panelWidth    px = 450
	plotLeft      px = 70 // from the panel's left edge
	plotSide      px = 350
	plotTop       px = 236
	barsHeight    px = 72
	barsBottom       = plotTop + plotSide + 24 + barsHeight
	tableTop         = barsBottom + 70
	diagramHeight    = tableTop + 56
	shift         px = 4 // keeps the marks of the two curves apart
)

// Fill and shape tell the curves apart for those who do not see the colours.
const diagramStyle = `
text{font:12px system-ui,-apple-system,Segoe UI,Helvetica,Arial,sans-serif;fill:#222}
.h1{font-size:17px;font-weight:600}.h2{font-size:14px;font-weight:600}
.mid{text-anchor:middle}.end{text-anchor:end}.small{text-anchor:middle;font-size:10px}
.paper{fill:#fff}.frame{fill:none;stroke:#888}.grid{stroke:#e4e4e4}.diagonal{stroke:#777;stroke-dasharray:5 4}
.all{stroke:#1f4e9c;stroke-width:2}.all-mark{fill:#1f4e9c;stroke:#1f4e9c;stroke-width:1.5}
.one{stroke:#c05a00;stroke-width:1.2}.one-mark{fill:#fff;stroke:#c05a00;stroke-width:1.5}
.one-bar{fill:#f0c9a4}.false-bar{fill:#b4bcc8}
`

// darkDiagram has the colours of a diagram on a dark page.
const darkDiagram = `
@media screen and (prefers-color-scheme:dark){.diagram{
text{fill:#e4e4e6}.paper{fill:#16181c}.frame{stroke:#8a8d94}.grid{stroke:#33363d}.diagonal{stroke:#9a9da4}
.all{stroke:#8db4f5}.all-mark{fill:#8db4f5;stroke:#8db4f5}
.one{stroke:#f0a060}.one-mark{fill:#16181c;stroke:#f0a060}
.one-bar{fill:#8a5a2c}.false-bar{fill:#5b6472}
}}
`

// Diagram draws how far confidence can be taken at its word, as a picture in
// SVG: a panel for each suite, side by side.
func Diagram(results ...*Result) ([]byte, error) {
	return draw("Of the answers with confidence 0.9, are nine in ten right?", results...).bytes()
}

func draw(heading string, results ...*Result) *canvas {
	var told []string
	for _, r := range results {
		all, one := r.Reliability.Answers, r.Reliability.Answerable
		told = append(told, fmt.Sprintf("%s: %s. Of all answers %.0f%% are right, at a mean confidence of %.0f%%; expected calibration error %.3f. "+
			"Of answers to answerable questions %.0f%% are right, at %.0f%%; error %.3f.", path.Base(r.Suite), r.Summary(),
			100*all.Share(), 100*all.MeanConfidence(), all.Error, 100*one.Share(), 100*one.MeanConfidence(), one.Error))
	}
	c := newCanvas(panelWidth*px(max(len(results), 1)), diagramHeight, "Reliability diagram: confidence of answers, and how many of them are right", strings.Join(told, " "))
	if heading != "" {
		c.text("h1", 18, 32, heading)
	}
	c.legend()
	for i, r := range results {
		c.panel(panelWidth*px(i), r)
	}
	return c
}

func (c *canvas) legend() {
	const x, text px = 28, 46
	c.mark("all", x, 53, 45, 61)
	c.text("", text, 57, "all answers (wrong if the question should be refused)")
	c.mark("one", x, 75, 67, 83)
	c.text("", text, 79, "answers to answerable questions alone")
	c.line("diagonal", x-10, 97, x+10, 97)
	c.text("", text, 101, "calibrated; vertical lines are 95% intervals")
	c.box("one-bar", x-8, 113, 16, 12)
	c.text("", text, 123, "number of answers to answerable questions")
	c.box("false-bar", x-8, 135, 16, 12)
	c.text("", text, 145, "number of answers to questions that should be refused")
}

func (c *canvas) panel(left px, r *Result) {
	all, one := r.Reliability.Answers, r.Reliability.Answerable
	x := func(confidence float64) px { return left + plotLeft + plotSide*px(confidence) }
	y := func(share float64) px { return plotTop + plotSide*px(1-share) }
	c.text("h2", x(0), plotTop-49, path.Base(r.Suite))
	c.text("", x(0), plotTop-30, fmt.Sprintf("%d of %d questions answered", all.Count, r.Questions))
	c.text("", x(0), plotTop-13, fmt.Sprintf("refused: %d of %d answerable, %d of %d others", r.Reliability.RefusedAnswerable, r.Answerable,
		r.Reliability.Refused-r.Reliability.RefusedAnswerable, r.Questions-r.Answerable))
	for i := range 6 {
		at := float64(i) / 5
		tick := strconv.FormatFloat(at, 'f', 1, 64)
		c.line("grid", x(0), y(at), x(1), y(at))
		c.line("grid", x(at), y(1), x(at), y(0))
		c.text("end", x(0)-7, y(at)+4, tick)
		c.text("mid", x(at), barsBottom+17, tick)
	}
	c.text("end", x(0)-7, y(0.5)+4, "right")
	c.text("mid", x(0.5), barsBottom+36, "confidence")
	c.line("diagonal", x(0), y(0), x(1), y(1))
	c.box("frame", x(0), y(1), plotSide, plotSide)
	for i := range all.Bins {
		if b := all.Bins[i]; b.Count > 0 {
			c.mark("all", x(b.Confidence)-shift, y(b.Accuracy), y(b.High), y(b.Low))
		}
		if b := one.Bins[i]; b.Count > 0 {
			c.mark("one", x(b.Confidence)+shift, y(b.Accuracy), y(b.High), y(b.Low))
		}
	}
	c.histogram(x, all, one)
	c.table(left, all, one)
}

// mark is a point of a curve with its interval.
func (c *canvas) mark(class string, x, y, high, low px) {
	const side = 7
	c.line(class, x, high, x, low)
	c.box(class+"-mark", x-side/2., y-side/2., side, side)
}

// histogram shows how many answers each bin has: below those to answerable
// questions, on top the others.
func (c *canvas) histogram(x func(float64) px, all, one Calibration) {
	most := 1
	for _, b := range all.Bins {
		most = max(most, b.Count)
	}
	tall := func(count int) px { return barsHeight * px(count) / px(most) }
	for i, b := range all.Bins {
		if b.Count == 0 {
			continue
		}
		left, width := x(b.From)+1.5, x(b.To)-x(b.From)-3
		middle := one.Bins[i].Count
		c.box("one-bar", left, barsBottom-tall(middle), width, tall(middle))
		c.box("false-bar", left, barsBottom-tall(b.Count), width, tall(b.Count-middle))
		c.text("small", left+width/2, barsBottom-tall(b.Count)-4, strconv.Itoa(b.Count))
	}
	c.line("frame", x(0), barsBottom, x(1), barsBottom)
	c.text("end", x(0)-7, barsBottom-barsHeight/2+4, "answers")
}

// table writes the figures of the two curves.
func (c *canvas) table(left px, all, one Calibration) {
	left += plotLeft
	row := func(y px, name string, cells ...string) {
		c.text("", left+17, y, name)
		for i, cell := range cells {
			c.text("end", left+[]px{130, 170, 216, 305, plotSide}[i], y, cell)
		}
	}
	decimal := func(f float64) string { return strconv.FormatFloat(f, 'f', 3, 64) }
	row(tableTop, "", "answers", "right", "ECE", "if calibrated", "Brier")
	for i, of := range []Calibration{all, one} {
		y := tableTop + 20*px(i+1)
		c.box([]string{"all-mark", "one-mark"}[i], left+1, y-8, 7, 7)
		row(y, []string{"all", "answerable"}[i], strconv.Itoa(of.Count), strconv.Itoa(of.Right), decimal(of.Error), decimal(of.ErrorIfCalibrated), decimal(of.Brier))
	}
}
