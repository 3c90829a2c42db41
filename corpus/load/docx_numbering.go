package load

import (
	"encoding/xml"
	"strconv"
	"strings"
)

// numbering is how lists are numbered, and how far they have come.
type numbering struct {
	abstract map[string]*listForm // by their IDs
	lists    map[int]*wordList
}

// A listForm is the form of a list, with its counters: lists of one form go on
// counting.
type listForm struct {
	levels [9]listLevel
	counts [9]int
}

// A listLevel is how the items of a level are numbered: "%1.%2" in decimals.
type listLevel struct {
	format, text string
	start        int
}

// A wordList is a form, perhaps begun anew.
type wordList struct {
	form   *listForm
	starts map[int]int // by level, until they were used
}

func (r *docxReader) readNumbering() error {
	r.numbering = numbering{abstract: map[string]*listForm{}, lists: map[int]*wordList{}}
	_, err := r.readPart(r.folder+"numbering.xml", func() error {
		return r.xml.each(func(start xml.StartElement) error {
			switch start.Name.Local {
			case "abstractNum":
				form := &listForm{}
				r.numbering.abstract[attribute(start, "abstractNumId")] = form
				return r.readListForm(form)
			case "num":
				id, _ := strconv.Atoi(attribute(start, "numId"))
				return r.readList(id)
			}
			return r.xml.skip()
		})
	})
	return err
}

func (r *docxReader) readListForm(form *listForm) error {
	return r.xml.each(func(start xml.StartElement) error {
		level, err := strconv.Atoi(attribute(start, "ilvl"))
		if start.Name.Local != "lvl" || err != nil || level < 0 || level > 8 {
			return r.xml.skip()
		}
		l := &form.levels[level]
		l.start = 1
		return r.xml.each(func(start xml.StartElement) error {
			const longest = 60 // bytes; none that people make is
			value := attribute(start, "val")
			switch start.Name.Local {
			case "start":
				l.start, _ = strconv.Atoi(value)
			case "numFmt":
				l.format = value
			case "lvlText":
				l.text = value[:min(len(value), longest)]
			}
			return r.xml.skip()
		})
	})
}

func (r *docxReader) readList(id int) error {
	l := &wordList{form: &listForm{}, starts: map[int]int{}}
	r.numbering.lists[id] = l
	return r.xml.each(func(start xml.StartElement) error {
		switch start.Name.Local {
		case "abstractNumId":
			if form := r.numbering.abstract[attribute(start, "val")]; form != nil {
				l.form = form
			}
		case "lvlOverride":
			level, _ := strconv.Atoi(attribute(start, "ilvl"))
			return r.xml.each(func(start xml.StartElement) error {
				if start.Name.Local == "startOverride" {
					l.starts[level], _ = strconv.Atoi(attribute(start, "val"))
				}
				return r.xml.skip()
			})
		}
		return r.xml.skip()
	})
}

// next counts an item of a list. It returns its number as it is shown, "" for
// one that is not numbered, and whether it has a bullet instead.
func (n *numbering) next(in numbered) (number string, bullet bool) {
	l := n.lists[in.list]
	if l == nil || in.level < 0 || in.level > 8 {
		return "", false
	}
	f, level := l.form, in.level
	if start, ok := l.starts[level]; ok {
		f.counts[level] = start - 1
		delete(l.starts, level)
	} else if f.counts[level] == 0 {
		f.counts[level] = f.levels[level].start - 1
	}
	f.counts[level]++
	for below := level + 1; below < len(f.counts); below++ {
		f.counts[below] = 0
	}
	switch shape := f.levels[level]; shape.format {
	case "bullet":
		return "", true
	case "none", "":
		return "", false
	default:
		return f.shown(shape), false
	}
}

// shown is the number of a level: "%1.%2" is the counts of the first two.
func (f *listForm) shown(shape listLevel) string {
	var b strings.Builder
	for text := shape.text; text != ""; {
		before, after, found := strings.Cut(text, "%")
		b.WriteString(before)
		if !found {
			break
		}
		if after == "" || after[0] < '1' || after[0] > '9' {
			text = after
			continue
		}
		level := int(after[0] - '1')
		b.WriteString(numeral(max(f.counts[level], f.levels[level].start), f.levels[level].format))
		text = after[1:]
	}
	return strings.TrimSpace(b.String())
}

// numeral writes a number in a format of Word's; in decimals where it is none
// of the usual ones.
func numeral(n int, format string) string {
	switch {
	case n < 1:
	case format == "decimalZero" && n < 10:
		return "0" + strconv.Itoa(n)
	case format == "lowerLetter" && n <= 26*5:
		return strings.Repeat(string(rune('a'+(n-1)%26)), (n+25)/26)
	case format == "upperLetter" && n <= 26*5:
		return strings.Repeat(string(rune('A'+(n-1)%26)), (n+25)/26)
	case format == "lowerRoman" && n < 4000:
		return strings.ToLower(roman(n))
	case format == "upperRoman" && n < 4000:
		return roman(n)
	case n < 100 && (strings.HasPrefix(format, "chineseCounting") || strings.HasPrefix(format, "japaneseCounting") || strings.HasPrefix(format, "taiwaneseCounting")):
		return chineseNumber(n)
	}
	return strconv.Itoa(n)
}

func roman(n int) string {
	var b strings.Builder
	for _, r := range []struct {
		value int
		text  string
	}{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}} {
		for ; n >= r.value; n -= r.value {
			b.WriteString(r.text)
		}
	}
	return b.String()
}

// chineseNumber writes a number from 1 to 99.
func chineseNumber(n int) string {
	digits := []string{"", "一", "二", "三", "四", "五", "六", "七", "八", "九"}
	switch tens := n / 10; tens {
	case 0:
		return digits[n]
	case 1:
		return "十" + digits[n%10]
	default:
		return digits[tens] + "十" + digits[n%10]
	}
}
