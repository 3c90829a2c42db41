package load

import (
	"encoding/xml"
	"strconv"
	"strings"
	"unicode"
)

// A style is what is asked of a paragraph's or of characters' style. Pointers
// are nil where it does not say.
type style struct {
	name    string // "heading 1" in whatever language Word speaks
	basedOn string
	outline *int
	num     numbered
	hidden  *bool
	bold    *bool
	raised  string // "superscript" or "subscript"
}

// numbered says in which list a paragraph is, and how deep.
type numbered struct {
	list, level       int
	listSet, levelSet bool
}

type styles struct {
	byID map[string]style
	// standard is the style of paragraphs without one.
	standard string
}

// resolve follows a style to those it is based on.
func (s *styles) resolve(id string) style {
	const longest = 20 // they may be based on each other
	r := s.byID[id]
	base := r.basedOn
	for range longest {
		b, ok := s.byID[base]
		if !ok {
			break
		}
		r.inherit(b)
		base = b.basedOn
	}
	return r
}

func (s *style) inherit(b style) {
	if s.outline == nil && headingLevel(s.name) == 0 {
		if s.outline = b.outline; s.outline == nil {
			if n := headingLevel(b.name) - 1; n >= 0 {
				s.outline = &n
			}
		}
	}
	if !s.num.listSet {
		s.num.list, s.num.listSet = b.num.list, b.num.listSet
	}
	if !s.num.levelSet {
		s.num.level, s.num.levelSet = b.num.level, b.num.levelSet
	}
	if s.hidden == nil {
		s.hidden = b.hidden
	}
	if s.bold == nil {
		s.bold = b.bold
	}
}

// level is the level of a heading in a style, 0 for other text.
func (s *style) level() int {
	if s.outline != nil {
		if *s.outline < 0 || *s.outline > 8 {
			return 0
		}
		return *s.outline + 1
	}
	return headingLevel(s.name)
}

// headingLevel is the level that a style's name tells. Word writes "heading 1"
// in every language; other programs write what they show.
func headingLevel(name string) int {
	name = strings.ToLower(strings.TrimSpace(name))
	word := strings.TrimRightFunc(name, func(r rune) bool { return unicode.IsDigit(r) || unicode.IsSpace(r) })
	level, err := strconv.Atoi(strings.TrimSpace(name[len(word):]))
	if err != nil || level < 1 || level > 9 {
		return 0
	}
	switch word {
	case "heading", "überschrift", "titre", "título", "titulo", "titolo", "kop", "rubrik", "overskrift", "otsikko",
		"nagłówek", "nadpis", "заголовок", "标题", "標題", "見出し", "제목":
		return level
	}
	return 0
}

func (r *docxReader) readStyles() error {
	r.styles.byID = map[string]style{}
	_, err := r.readPart(r.folder+"styles.xml", func() error {
		return r.xml.each(func(start xml.StartElement) error {
			if start.Name.Local != "style" {
				return r.xml.skip()
			}
			id := attribute(start, "styleId")
			if attribute(start, "type") == "paragraph" && isOn(attribute(start, "default"), false) {
				r.styles.standard = id
			}
			s, err := r.readStyle()
			r.styles.byID[id] = s
			return err
		})
	})
	return err
}

func (r *docxReader) readStyle() (style, error) {
	var s style
	err := r.xml.each(func(start xml.StartElement) error {
		switch start.Name.Local {
		case "name":
			s.name = strings.ToLower(attribute(start, "val"))
		case "basedOn":
			s.basedOn = attribute(start, "val")
		case "pPr":
			p := paragraph{}
			err := r.paragraphProperties(&p)
			s.outline, s.num = p.outline, p.num
			return err
		case "rPr":
			run, err := r.runProperties()
			s.hidden, s.bold = run.hidden, run.bold
			return err
		}
		return r.xml.skip()
	})
	return s, err
}

// isOn reads a switch: <w:b/> is on, and so is <w:b w:val="1"/>.
func isOn(value string, absent bool) bool {
	switch value {
	case "":
		return absent
	case "0", "false", "off":
		return false
	}
	return true
}

// properties are what a file says of itself.
type properties struct {
	title, author string
	pages         int
}

// readProperties reads what the file says of itself; where that is damaged, the
// text may not be.
func (r *docxReader) readProperties() {
	keep := func(to *string) error {
		text, err := r.xml.text()
		*to = strings.Join(strings.Fields(text), " ")
		return err
	}
	var pages string
	for _, part := range []string{"docProps/core.xml", "docProps/app.xml"} {
		r.readPart(part, func() error {
			return r.xml.each(func(start xml.StartElement) error {
				switch start.Name.Local {
				case "title":
					return keep(&r.properties.title)
				case "creator":
					return keep(&r.properties.author)
				case "Pages":
					return keep(&pages)
				}
				return r.xml.skip()
			})
		})
	}
	r.properties.pages, _ = strconv.Atoi(pages)
	if strings.HasPrefix(r.properties.title, "Microsoft Word - ") || strings.EqualFold(r.properties.title, "Word Document") {
		r.properties.title = "" // of the printer, or of the template
	}
}
