package main

import (
	"bytes"
	"fmt"
	"html"
	"os"
	"strings"
)

// A recorder keeps what is shown on a screen, for a picture of it.
type recorder struct {
	through *screen // gets it as well
	kept    bytes.Buffer
}

func newRecorder(through *screen) *recorder {
	r := &recorder{through: through}
	r.kept.WriteString(styleDim + "$ footnote demo" + styleOff + "\n")
	return r
}

// screen is a terminal that is recorded.
func (r *recorder) screen() *screen {
	return &screen{Writer: r, terminal: true, width: maxWidth, colour: true}
}

// Write takes whole styles: screens print texts at once.
func (r *recorder) Write(p []byte) (int, error) {
	r.kept.Write(p)
	text := string(p)
	if !r.through.colour {
		text = strings.NewReplacer(styleBold, "", styleDim, "", styleOff, "").Replace(text)
	}
	return len(p), r.through.print(text)
}

// write writes the picture.
func (r *recorder) write(path string) error {
	if err := os.WriteFile(path, []byte(picture(r.kept.String(), maxWidth)), 0o644); err != nil {
		return fmt.Errorf("write the picture: %w", err)
	}
	return nil
}

// The picture's measures, in pixels. Every run of text is told its width, so
// that columns stand in line in whatever font there is.
const (
	cellWidth  = 8.4
	lineHeight = 19.0
	fontSize   = 14.0
	margin     = 16.0
	titleBar   = 30.0
)

// pictureHead has the sizes, and the colours for light and dark pages.
const pictureHead = `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]g" height="%[2]g" viewBox="0 0 %[1]g %[2]g" role="img">
<title>A session of footnote demo in a terminal</title>
<style>
text { font: %[3]gpx ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #24292f }
.b { font-weight: 700 } .d { fill: #6e7781 } .page { fill: #f6f8fa; stroke: #d0d7de } .dot { fill: #d0d7de }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .d { fill: #8b949e } .page { fill: #0d1117; stroke: #30363d } .dot { fill: #30363d } }
</style>
<rect class="page" x=".5" y=".5" width="%[4]g" height="%[5]g" rx="8"/>
<circle class="dot" cx="20" cy="17" r="5"/><circle class="dot" cx="37" cy="17" r="5"/><circle class="dot" cx="54" cy="17" r="5"/>
`

// picture draws a terminal's text, with its styles, as an SVG that needs
// nothing else.
func picture(text string, width int) string {
	lines := strings.Split(strings.Trim(text, "\n"), "\n")
	w := float64(width)*cellWidth + 2*margin
	h := float64(len(lines))*lineHeight + titleBar + margin
	var b strings.Builder
	fmt.Fprintf(&b, pictureHead, w, h, fontSize, w-1, h-1)
	style := ""
	for i, line := range lines {
		y := titleBar + float64(i)*lineHeight + fontSize
		column := 0
		for line != "" {
			var s span
			if s, line, style = nextSpan(line, style); s.text == "" {
				continue
			}
			if strings.TrimSpace(s.text) != "" {
				s.draw(&b, column, y)
			}
			column += columns(s.text)
		}
	}
	return b.String() + "</svg>\n"
}

// A span is a piece of a line in one style and of one width of signs.
type span struct{ text, style string }

// nextSpan takes the span that a line begins with; style is that of the text
// before.
func nextSpan(line, style string) (s span, rest, now string) {
	for code, name := range map[string]string{styleBold: "b", styleDim: "d", styleOff: ""} {
		if rest, ok := strings.CutPrefix(line, code); ok {
			return span{}, rest, name
		}
	}
	wide := false
	for i, c := range line {
		if i == 0 {
			wide = isWide(c)
		}
		if i > 0 && (c == '\x1b' || isWide(c) != wide) {
			return span{line[:i], style}, line[i:], style
		}
	}
	return span{line, style}, "", style
}

// draw writes the span's words; spaces between them that are more than one
// would shrink.
func (s span) draw(b *strings.Builder, column int, y float64) {
	text := strings.TrimLeft(s.text, " ")
	column += len(s.text) - len(text)
	text, rest, _ := strings.Cut(strings.TrimRight(text, " "), "  ")
	class := ""
	if s.style != "" {
		class = fmt.Sprintf(" class=%q", s.style)
	}
	fmt.Fprintf(b, `<text x="%.1f" y="%g" textLength="%.1f"%s>%s</text>`+"\n",
		margin+float64(column)*cellWidth, y, float64(columns(text))*cellWidth, class, html.EscapeString(text))
	if rest != "" {
		span{rest, s.style}.draw(b, column+columns(text)+len("  "), y)
	}
}
