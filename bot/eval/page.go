package eval

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"footnote/bot"
)

//go:embed page.html
var pageSource string

//go:embed page.css
var pageStyle string

// mostOnPage is how many misses of each sort a page shows: enough to read in
// an afternoon, and few enough that the page opens at once.
const mostOnPage = 100

// WritePage writes the results as one page of HTML that needs nothing else: no
// script, no picture, no network. The comparisons are with another run, by the
// position of the result; nil where there is none. The page leaves out how long
// anything took, so that two runs with the same answers have the same page.
func WritePage(w io.Writer, results []*Result, compared []*Comparison) error {
	view := page{Style: template.CSS(pageStyle + "\n.diagram{" + diagramStyle + "}\n" + darkDiagram)}
	for i, r := range results {
		var c *Comparison
		if i < len(compared) {
			c = compared[i]
		}
		s, err := viewSuite(fmt.Sprintf("suite-%d", i+1), r, c)
		if err != nil {
			return err
		}
		view.Suites = append(view.Suites, s)
	}
	// Parsed here, so that no other command waits for it.
	t, err := template.New("page").Parse(pageSource)
	if err != nil {
		return err
	}
	return t.Execute(w, view)
}

// The views are what the template of the page is given.
type (
	page struct {
		Style  template.CSS
		Suites []suiteView
	}
	suiteView struct {
		ID, Name, Summary string
		Compared          *comparedView
		Figures, Kinds    []figureView
		Diagram           template.HTML
		Bins              []binView
		Sorts             []sortView
		Wrong             int
	}
	figureView struct{ Name, Meaning, Now, Share, Before, Change string }
	binView    struct{ Range, Confidence, Right, Interval, Count string }

	comparedView struct {
		New, Gone int
		Lists     []refsView
	}
	refsView struct {
		Title, None string
		Refs        []refView
	}
	refView struct{ Text, Link string }

	sortView struct {
		ID, Title string
		Total     int
		Misses    []missView
	}
	missView struct {
		Miss
		Key           string
		Refuse, Any   bool
		Evidence      []string
		Documents     []string
		Expected      []expectedView
		Refused       bool
		Confidence    string
		Notice        string
		Understood    string
		Citations     []citationView
		Passages      []passageView
		EvidenceRanks string
	}
	expectedView struct {
		Text string
		Held bool
	}
	citationView struct {
		Marker       int
		Place, Quote string
	}
	passageView struct {
		Rank         int
		Place, Score string
		Holds        bool
		Text         []span
	}
	// A span is a part of a text; one that is marked is evidence.
	span struct {
		Text   string
		Marked bool
	}
)

func viewSuite(id string, r *Result, c *Comparison) (suiteView, error) {
	drawn := draw("", r)
	drawn.embed("diagram", id+"-diagram")
	picture, err := drawn.bytes()
	if err != nil {
		return suiteView{}, err
	}
	s := suiteView{
		ID: id, Name: r.Suite, Summary: r.Summary(), Figures: viewFigures(r, c), Kinds: viewKinds(r, c),
		Diagram: template.HTML(picture), // its texts were escaped as XML
		Bins:    viewBins(r.Reliability.Answers), Sorts: viewSorts(id, r),
		Wrong: len(r.Misses) + len(r.Unsilent),
	}
	links := map[Ref]string{}
	for _, sort := range s.Sorts {
		for _, m := range sort.Misses {
			links[Ref{m.File, m.ID}] = m.Key
		}
	}
	if c != nil {
		s.Compared = &comparedView{New: c.New, Gone: c.Gone, Lists: []refsView{
			{"Better", "No question got better.", viewRefs(c.Better, links)},
			{"Worse", "No question got worse.", viewRefs(c.Worse, links)},
		}}
	}
	return s, nil
}

func viewRefs(refs []Ref, links map[Ref]string) []refView {
	var all []refView
	for _, q := range refs {
		all = append(all, refView{Text: q.String(), Link: links[q]})
	}
	return all
}

func viewFigures(r *Result, c *Comparison) []figureView {
	var all []figureView
	for _, row := range rows(r) {
		f := figureView{Name: row.name, Meaning: row.meaning, Now: row.figure(r)}
		if c != nil {
			f.Before = row.figure(c.Before)
			f.Change = change(f.Before, f.Now)
		}
		all = append(all, f)
	}
	return all
}

// viewKinds has the kinds of both runs.
func viewKinds(r *Result, c *Comparison) []figureView {
	kinds := maps.Clone(r.ByKind)
	if kinds == nil {
		kinds = map[string]*[2]int{}
	}
	if c != nil {
		maps.Copy(kinds, c.Before.ByKind)
	}
	var all []figureView
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		f := figureView{Name: kind}
		f.Now, f.Share = viewKind(r.ByKind[kind])
		if c != nil {
			var before string
			f.Before, before = viewKind(c.Before.ByKind[kind])
			f.Change = change(before, f.Share)
		}
		all = append(all, f)
	}
	return all
}

func viewKind(k *[2]int) (count, share string) {
	if k == nil || k[1] == 0 {
		return "–", "–"
	}
	return fmt.Sprintf("%d of %d", k[0], k[1]), strconv.FormatFloat(float64(k[0])/float64(k[1]), 'f', 2, 64)
}

// change is the difference of two figures as they are shown; empty where there
// is none.
func change(before, now string) string {
	b, err := strconv.ParseFloat(before, 64)
	n, err2 := strconv.ParseFloat(now, 64)
	if err != nil || err2 != nil || before == now {
		return ""
	}
	_, fraction, _ := strings.Cut(now, ".")
	text := strconv.FormatFloat(n-b, 'f', len(fraction), 64)
	if size, negative := strings.CutPrefix(text, "-"); negative {
		return "−" + size
	}
	return "+" + text
}

func viewBins(c Calibration) []binView {
	var all []binView
	for _, b := range c.Bins {
		if b.Count > 0 {
			all = append(all, binView{
				Range: fmt.Sprintf("%.1f–%.1f", b.From, b.To), Count: strconv.Itoa(b.Count), Confidence: fmt.Sprintf("%.2f", b.Confidence),
				Right: fmt.Sprintf("%.2f", b.Accuracy), Interval: fmt.Sprintf("%.2f–%.2f", b.Low, b.High),
			})
		}
	}
	return all
}

// viewSorts tells apart what went wrong by what would mend it, and from right
// answers that are cited elsewhere than expected.
func viewSorts(id string, r *Result) []sortView {
	sorts := []sortView{
		{ID: id + "-refused", Title: "Refused, though the corpus says it"},
		{ID: id + "-wrong", Title: "Answered, but without what was expected"},
		{ID: id + "-unsilent", Title: "Answered, though the corpus does not say it"},
		{ID: id + "-failed", Title: "Failed"},
		{ID: id + "-misplaced", Title: "Right, but cited at another place than expected"},
	}
	for _, m := range slices.Concat(r.Misses, r.Unsilent, r.Misplaced) {
		sort := &sorts[sortOf(m)]
		sort.Total++
		if len(sort.Misses) < mostOnPage {
			sort.Misses = append(sort.Misses, viewMiss(fmt.Sprintf("%s-%d", sort.ID, sort.Total), m))
		}
	}
	return slices.DeleteFunc(sorts, func(s sortView) bool { return s.Total == 0 })
}

func sortOf(m Miss) int {
	switch {
	case m.failed:
		return 3
	case m.misplaced:
		return 4
	case m.question.Refuse:
		return 2
	case m.answer.Refused:
		return 0
	}
	return 1
}

func viewMiss(key string, m Miss) missView {
	q, a := m.question, m.answer
	v := missView{
		Miss: m, Key: key, Refuse: q.Refuse, Any: q.MatchAny, Evidence: q.Evidence, Documents: q.Documents, Refused: a.Refused,
		Confidence: fmt.Sprintf("%.2f", a.Confidence), Notice: a.Notice, Understood: a.UnderstoodAs,
	}
	for _, s := range q.Answers {
		v.Expected = append(v.Expected, expectedView{s, strings.Contains(strings.ToLower(a.Text), strings.ToLower(s))})
	}
	for _, c := range a.Citations {
		v.Citations = append(v.Citations, citationView{c.Marker, place(c.Document, c.Page, c.Paragraph, c.Heading), c.Quote})
	}
	var ranks []string
	for _, p := range a.Passages {
		holds := q.firstRank([]bot.Retrieved{p}) > 0
		if holds {
			ranks = append(ranks, strconv.Itoa(p.Rank))
		}
		v.Passages = append(v.Passages, passageView{p.Rank, place(p.Document, p.Page, p.Paragraph, p.Heading), fmt.Sprintf("%.2f", p.Score), holds, highlight(p.Text, q.Evidence)})
	}
	v.EvidenceRanks = strings.Join(ranks, ", ")
	return v
}

func place(document string, page, paragraph int, heading string) string {
	text := path.Clean(document)
	if page > 0 {
		text += fmt.Sprintf(", page %d", page)
	}
	text += fmt.Sprintf(", paragraph %d", paragraph)
	if heading != "" {
		text += ", " + heading
	}
	return text
}

// highlight marks the evidence wherever it stands in a text.
func highlight(text string, evidence []string) []span {
	marked := make([]bool, len(text))
	for _, e := range evidence {
		for from := 0; e != ""; {
			at := strings.Index(text[from:], e)
			if at < 0 {
				break
			}
			from += at
			for i := range len(e) {
				marked[from+i] = true
			}
			from += len(e)
		}
	}
	var spans []span
	start := 0
	for i := range marked {
		if i+1 == len(text) || marked[i+1] != marked[i] {
			spans = append(spans, span{text[start : i+1], marked[i]})
			start = i + 1
		}
	}
	return spans
}
