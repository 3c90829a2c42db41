package corpus

import "reflect"

// Changes are what differs between two versions of a corpus.
type Changes struct {
	// Added and Removed are documents of the new and of the old version, in
	// their order there.
	Added, Removed []Document
	// Changed are documents that both have and that are not the same, renamed
	// ones among them, in the order of the new version.
	Changed []DocumentChange
}

// A DocumentChange is what differs between two versions of a document. Where
// it lists nothing, what changed is no part of a passage, a heading or the
// names of columns: white space, marks, captions, the title, the date.
type DocumentChange struct {
	Old, New Document
	// Passages were added, removed or edited; they are in reading order.
	Passages []PassageChange
	// Moved is how many passages are the same and in another place among the
	// others.
	Moved int
	// Headings and Columns are headings and the names of a table's columns
	// that were added, removed or edited, in reading order.
	Headings, Columns []LabelChange
}

// Renamed reports whether the document has another name than it had.
func (d DocumentChange) Renamed() bool { return d.Old.Name != d.New.Name }

// A PassageChange is an edited passage, one that was added, where Old is nil,
// or one that was removed, where New is.
type PassageChange struct{ Old, New *Passage }

// A LabelChange is an edited heading or the like; "" where there was none, or
// is none any more.
type LabelChange struct{ Old, New string }

// Empty reports whether no document changed. The order of documents may still
// be another one.
func (c Changes) Empty() bool { return len(c.Added)+len(c.Removed)+len(c.Changed) == 0 }

// Diff says what changed from an old version of a corpus to a new one.
//
// Documents are paired by their names, and those without a namesake by what
// they say: all of it, or at least half. The passages of a pair are matched by
// their texts; those left over are one edited passage where they share at
// least half of their words and stand between the same neighbours. See [Common]
// and alike for the bounds of that work: beyond them a passage counts as moved,
// or as removed and added.
func Diff(old, new *Corpus) Changes {
	var changes Changes
	a, b := parts(old), parts(new)
	pairs := pairDocuments(a, b)
	taken := make([]bool, len(a))
	for j := range b {
		i, paired := pairs[j]
		if !paired {
			changes.Added = append(changes.Added, b[j].document)
			continue
		}
		taken[i] = true
		if d, changed := diffDocuments(a[i], b[j]); changed {
			changes.Changed = append(changes.Changed, d)
		}
	}
	for i := range a {
		if !taken[i] {
			changes.Removed = append(changes.Removed, a[i].document)
		}
	}
	return changes
}

// A part is a document of a corpus with its passages.
type part struct {
	document Document
	passages []Passage
}

func parts(c *Corpus) []part {
	all := make([]part, len(c.Documents))
	first := 0
	for i, d := range c.Documents {
		end := first
		for end < len(c.Passages) && c.Passages[end].Document == d.Name {
			end++
		}
		all[i] = part{d, c.Passages[first:end]}
		first = end
	}
	return all
}

func (p part) texts() []string {
	all := make([]string, len(p.passages))
	for i := range p.passages {
		all[i] = p.passages[i].Text
	}
	return all
}

func (p part) headings() []string {
	var all []string
	for _, b := range p.document.Blocks {
		if b.Kind == Heading {
			all = append(all, b.shown(p.document.Text))
		}
	}
	return all
}

// columns are the names of the columns of each table, once.
func (p part) columns() []string {
	var all []string
	last := ""
	for _, b := range p.document.Blocks {
		if b.Columns != "" && b.Columns != last {
			all = append(all, b.Columns)
		}
		last = b.Columns
	}
	return all
}

// sameDocument compares all that a corpus's hash depends on, and where things
// stand.
func sameDocument(a, b Document) bool {
	return a.Name == b.Name && a.Title == b.Title && a.Author == b.Author && a.Date.Equal(b.Date) && a.YearOnly == b.YearOnly &&
		a.Text == b.Text && reflect.DeepEqual(a.Blocks, b.Blocks)
}

func diffDocuments(old, new part) (d DocumentChange, changed bool) {
	if sameDocument(old.document, new.document) {
		return d, false
	}
	d = DocumentChange{Old: old.document, New: new.document}
	passages := align(old.texts(), new.texts())
	d.Moved = passages.moved
	for _, m := range passages.changes {
		var c PassageChange
		if m.Old >= 0 {
			c.Old = &old.passages[m.Old]
		}
		if m.New >= 0 {
			c.New = &new.passages[m.New]
		}
		d.Passages = append(d.Passages, c)
	}
	d.Headings = diffLabels(old.headings(), new.headings())
	d.Columns = diffLabels(old.columns(), new.columns())
	return d, true
}

func diffLabels(old, new []string) []LabelChange {
	var all []LabelChange
	for _, m := range align(old, new).changes {
		var c LabelChange
		if m.Old >= 0 {
			c.Old = old[m.Old]
		}
		if m.New >= 0 {
			c.New = new[m.New]
		}
		all = append(all, c)
	}
	return all
}
