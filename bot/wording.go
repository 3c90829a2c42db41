package bot

import (
	"slices"
	"strings"
	"time"

	"footnote/bot/cite"
	"footnote/corpus"
	"footnote/retrieval"
)

// pick returns the wording in the asker's language.
func pick(zh bool, english, chinese string) string {
	if zh {
		return chinese
	}
	return english
}

// quoted puts a name from the corpus in quotation marks.
func quoted(name string) string { return "“" + cite.Escape(name) + "”" }

// listed joins names for reading.
func listed(names []string, zh bool) string {
	if zh {
		return strings.Join(names, "、")
	}
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// spelled writes a count in words: figures in an answer are the corpus's own.
func spelled(n int) string {
	words := [...]string{"no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
		"thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"}
	if n < len(words) {
		return words[n]
	}
	return "more than twenty"
}

func spelledChinese(n int) string {
	digits := [...]string{"零", "一", "两", "三", "四", "五", "六", "七", "八", "九", "十"}
	switch {
	case n <= 10:
		return digits[n]
	case n == 12:
		return "十二"
	case n < 20:
		return "十" + digits[n-10]
	case n == 20:
		return "二十"
	}
	return "二十多"
}

// dateOf writes a document's date as YYYY-MM-DD, as YYYY when only the year is
// certain; empty when it is not known.
func dateOf(d corpus.Document) string {
	switch {
	case d.Date.IsZero():
		return ""
	case d.YearOnly, d.DateInferred:
		return d.Date.Format("2006")
	}
	return d.Date.Format(time.DateOnly)
}

// An introduction is the first line of an overview that shows some of all parts.
type introduction func(shown, all int, zh bool) string

func introduceDocuments(shown, all int, zh bool) string {
	if shown < all {
		return pick(zh, "There are "+spelled(all)+" documents. Some of them begin:", "共有"+spelledChinese(all)+"个文档，其中一些的开头：")
	}
	return pick(zh, "There are "+spelled(all)+" documents. They begin:", "共有"+spelledChinese(all)+"个文档，开头分别是：")
}

func introduceSections(d corpus.Document) introduction {
	return func(shown, all int, zh bool) string {
		if shown < all {
			return titled(d, zh) + pick(zh, " has "+spelled(all)+" parts. Some of them begin:", "共有"+spelledChinese(all)+"个部分，其中一些的开头：")
		}
		return titled(d, zh) + pick(zh, " has "+spelled(all)+" parts. They begin:", "共有"+spelledChinese(all)+"个部分，开头分别是：")
	}
}

func introducePassages(d corpus.Document) introduction {
	return func(shown, _ int, zh bool) string {
		if shown == 1 {
			return titled(d, zh) + pick(zh, " begins:", "的开头：")
		}
		return titled(d, zh) + pick(zh, " begins, and goes on, like this:", "从头到尾大致是：")
	}
}

// titled names a document with its date, at the start of a sentence.
func titled(d corpus.Document, zh bool) string {
	name, date := called(d, zh), dateOf(d)
	if rest, ok := strings.CutPrefix(name, "the "); ok {
		name = "The " + rest
	}
	switch {
	case date == "":
		return name
	case d.DateInferred:
		return name + pick(zh, ", which seems to be from "+date+",", "（约"+date+"年）")
	}
	return name + pick(zh, ", dated "+date+",", "（"+date+"）")
}

// called names a document: by its title, or as "the report" where that is only
// the name of a file that could hold anything.
func called(d corpus.Document, zh bool) string {
	if !d.TitleInferred {
		return quoted(d.Title)
	}
	switch strings.ToLower(d.Title) {
	case "report", "报告", "報告":
		return pick(zh, "the report", "这份报告")
	case "document", "doc", "readme", "read me", "note", "notes", "text", "file", "untitled", "index", "文档", "文件":
		return pick(zh, "the document", "这份文档")
	}
	return quoted(d.Title)
}

// withHeadings names the nearest headings after a refusal.
func withHeadings(text string, headings []string, zh bool) string {
	if text == "" {
		text = pick(zh, "The report does not say.", "报告没有提到。")
	}
	if len(headings) == 0 {
		return text
	}
	names := make([]string, len(headings))
	for i, h := range headings {
		names[i] = quoted(h)
	}
	nearest := " The nearest part is "
	if len(names) > 1 {
		nearest = " The nearest parts are "
	}
	return text + pick(zh, nearest+listed(names, zh)+".", "最接近的部分："+listed(names, zh)+"。")
}

// corrected says which words were read as others.
func corrected(corrections []retrieval.Correction, zh bool) string {
	if len(corrections) == 0 {
		return ""
	}
	readings := make([]string, len(corrections))
	for i, c := range corrections {
		readings[i] = pick(zh, "“"+c.From+"” as “"+c.To+"”", "“"+c.From+"”读作“"+c.To+"”")
	}
	return pick(zh, "Read "+listed(readings, zh)+".", "已将"+listed(readings, zh)+"。")
}

func joinNotices(notices ...string) string {
	return strings.Join(slices.DeleteFunc(notices, func(n string) bool { return n == "" }), " ")
}
