package bot

// A DocumentInfo is what there is to know of a document without reading it.
type DocumentInfo struct {
	Name  string
	Title string
	Date  string // YYYY-MM-DD, YYYY when only the year is known, "" when nothing is
	// Passages is how many there are to answer from.
	Passages int
	// Headings are the outermost ones, in order.
	Headings []string
}

// Documents describes the documents of the corpus, in order.
func (e *Engine) Documents() []DocumentInfo {
	infos := make([]DocumentInfo, len(e.corpus.Documents))
	place := make(map[string]int, len(infos))
	for i, d := range e.corpus.Documents {
		place[d.Name] = i
		infos[i] = DocumentInfo{Name: d.Name, Title: d.Title, Date: dateOf(d)}
	}
	for _, p := range e.documents() {
		info := &infos[place[p.passages[0].Document]]
		info.Passages = len(p.passages)
		for _, s := range sections(p.passages) {
			if s.heading != "" {
				info.Headings = appendNew(info.Headings, s.heading)
			}
		}
	}
	return infos
}

// Voice names the model that answers where nobody chooses; "" where that is
// quote mode.
func (e *Engine) Voice() string {
	if e.writer == nil {
		return ""
	}
	return e.writer.Model()
}
