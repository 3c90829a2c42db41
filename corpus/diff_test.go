package corpus

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// version is a corpus of plain texts, each after its name: "a.txt: …".
func version(t testing.TB, texts ...string) *Corpus {
	t.Helper()
	docs := make([]Document, len(texts))
	for i, text := range texts {
		name, text, _ := strings.Cut(text, ": ")
		docs[i] = Plain(name, text)
	}
	c, err := New(docs...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// shownChanges are changes as lines.
func shownChanges(c Changes) []string {
	lines := []string{}
	for _, d := range c.Added {
		lines = append(lines, "added "+d.Name)
	}
	for _, d := range c.Removed {
		lines = append(lines, "removed "+d.Name)
	}
	for _, d := range c.Changed {
		lines = append(lines, shownDocument(d)...)
	}
	return lines
}

func shownDocument(d DocumentChange) []string {
	lines := []string{"changed " + d.New.Name}
	if d.Renamed() {
		lines[0] = "renamed " + d.Old.Name + " " + d.New.Name
	}
	for _, p := range d.Passages {
		switch {
		case p.Old == nil:
			lines = append(lines, fmt.Sprintf("+ ¶%d %s", p.New.Paragraph, p.New.Text))
		case p.New == nil:
			lines = append(lines, fmt.Sprintf("- ¶%d %s", p.Old.Paragraph, p.Old.Text))
		default:
			lines = append(lines, fmt.Sprintf("! ¶%d→%d %s → %s", p.Old.Paragraph, p.New.Paragraph, p.Old.Text, p.New.Text))
		}
	}
	for _, h := range d.Headings {
		lines = append(lines, "heading "+h.Old+" → "+h.New)
	}
	for _, c := range d.Columns {
		lines = append(lines, "columns "+c.Old+" → "+c.New)
	}
	if d.Moved > 0 {
		lines = append(lines, fmt.Sprint("moved ", d.Moved))
	}
	return lines
}

const (
	tea     = "Tea costs three crowns a pound this year."
	dearTea = "Tea costs four crowns a pound this year."
	ada     = "Ada Lovelace repairs the harbour crane every Tuesday morning."
	ferry   = "The ferry leaves at noon, and again when the lamps are lit."
	wells   = "No well of the district is deeper than the mill's."
)

func TestDiff(t *testing.T) {
	lines := func(texts ...string) string { return strings.Join(texts, "\n\n") }
	for _, test := range []struct {
		name     string
		old, new []string
		want     []string
	}{
		{"nothing", []string{"a.txt: " + tea}, []string{"a.txt: " + tea}, nil},
		{"a word", []string{"a.txt: " + lines(ada, tea)}, []string{"a.txt: " + lines(ada, dearTea)},
			[]string{"changed a.txt", "! ¶2→2 " + tea + " → " + dearTea}},
		{"a word, below a new passage", []string{"a.txt: " + lines(ada, tea)}, []string{"a.txt: " + lines(ada, ferry, dearTea)},
			[]string{"changed a.txt", "+ ¶2 " + ferry, "! ¶2→3 " + tea + " → " + dearTea}},
		{"a passage more", []string{"a.txt: " + ada}, []string{"a.txt: " + lines(ada, tea)}, []string{"changed a.txt", "+ ¶2 " + tea}},
		{"a passage fewer", []string{"a.txt: " + lines(tea, ada)}, []string{"a.txt: " + ada}, []string{"changed a.txt", "- ¶1 " + tea}},
		{"another passage in its place", []string{"a.txt: " + lines(ada, tea, ferry)}, []string{"a.txt: " + lines(ada, wells, ferry)},
			[]string{"changed a.txt", "- ¶2 " + tea, "+ ¶2 " + wells}},
		{"the first of two of the same", []string{"a.txt: " + lines(tea, ada, tea)}, []string{"a.txt: " + lines(ada, tea)},
			[]string{"changed a.txt", "- ¶1 " + tea}},
		{"another order", []string{"a.txt: " + lines(tea, ada, ferry, wells)}, []string{"a.txt: " + lines(ada, ferry, wells, tea)},
			[]string{"changed a.txt", "moved 1"}},
		{"white space", []string{"a.txt: " + lines(tea, ada)}, []string{"a.txt: " + lines(tea, "", ada)}, []string{"changed a.txt"}},
		{"documents", []string{"a.txt: " + tea, "b.txt: " + ada}, []string{"b.txt: " + ada, "c.txt: " + wells},
			[]string{"added c.txt", "removed a.txt"}},
		{"the order of documents", []string{"a.txt: " + tea, "b.txt: " + ada}, []string{"b.txt: " + ada, "a.txt: " + tea}, nil},
		{"a name", []string{"a.txt: " + tea, "b.txt: " + ada}, []string{"b.txt: " + ada, "c.txt: " + tea}, []string{"renamed a.txt c.txt"}},
		{"a name and a word", []string{"a.txt: " + lines(tea, ada)}, []string{"c.txt: " + lines(dearTea, ada)},
			[]string{"renamed a.txt c.txt", "! ¶1→1 " + tea + " → " + dearTea}},
		{"a name and the only passage", []string{"a.txt: " + tea}, []string{"c.txt: " + dearTea},
			[]string{"renamed a.txt c.txt", "! ¶1→1 " + tea + " → " + dearTea}},
		{"copies get other names", []string{"a.txt: " + tea, "b.txt: " + tea}, []string{"c.txt: " + tea, "d.txt: " + tea},
			[]string{"renamed a.txt c.txt", "renamed b.txt d.txt"}},
		{"the likest is the renamed one", []string{"a.txt: " + lines(tea, ada, ferry)},
			[]string{"b.txt: " + lines(tea, ada, wells), "c.txt: " + lines(tea, ada, ferry, wells)},
			[]string{"added b.txt", "renamed a.txt c.txt", "+ ¶4 " + wells}},
		{"names are exchanged", []string{"a.txt: " + tea, "b.txt: " + ada}, []string{"a.txt: " + ada, "b.txt: " + tea},
			[]string{"changed a.txt", "- ¶1 " + tea, "+ ¶1 " + ada, "changed b.txt", "- ¶1 " + ada, "+ ¶1 " + tea}},
		{"Chinese", []string{"a.txt: 茶叶今年每磅三克朗。\n\n渡轮中午出发。"}, []string{"a.txt: 茶叶今年每磅四克朗。\n\n渡轮中午出发。"},
			[]string{"changed a.txt", "! ¶1→1 茶叶今年每磅三克朗。 → 茶叶今年每磅四克朗。"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			old, new := version(t, test.old...), version(t, test.new...)
			if got := shownChanges(Diff(old, new)); !slices.Equal(got, append([]string{}, test.want...)) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
			checkDiff(t, old, new)
		})
	}
}

func TestDiffTellsOfWhatIsNoPassage(t *testing.T) {
	made := func(title, heading, columns string, date time.Time) *Corpus {
		text := heading + "\n" + tea
		d := NewDocument("a.csv", text, FrontMatter{Title: title, Date: date}, []Block{
			{Kind: Heading, Level: 1, End: len(heading)}, {Start: len(heading) + 1, End: len(text), Columns: columns},
		})
		c, err := New(d)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	day := time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)
	old := made("Prices", "The prices of tea", "what | crowns", day)
	for _, test := range []struct {
		name string
		new  *Corpus
		want []string
	}{
		{"a heading", made("Prices", "All prices of tea", "what | crowns", day), []string{"changed a.csv", "heading The prices of tea → All prices of tea"}},
		{"names of columns", made("Prices", "The prices of tea", "what | marks", day), []string{"changed a.csv", "columns what | crowns → what | marks"}},
		{"the title", made("Costs", "The prices of tea", "what | crowns", day), []string{"changed a.csv"}},
		{"the date", made("Prices", "The prices of tea", "what | crowns", day.AddDate(0, 0, 1)), []string{"changed a.csv"}},
	} {
		if got := shownChanges(Diff(old, test.new)); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// checkDiff holds what is true of all changes.
func checkDiff(t *testing.T, old, new *Corpus) {
	t.Helper()
	if !Diff(old, old).Empty() || !Diff(new, new).Empty() {
		t.Error("a version differs from itself")
	}
	changes, mirrored := Diff(old, new), Diff(new, old)
	if got, want := sortedLines(mirror(mirrored)), sortedLines(changes); !slices.Equal(got, want) {
		t.Errorf("mirrored\n%s\nis not\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, d := range changes.Changed {
		checkApplies(t, old, new, d)
	}
}

func sortedLines(c Changes) []string {
	lines := shownChanges(c)
	slices.Sort(lines)
	return lines
}

func mirror(c Changes) Changes {
	c.Added, c.Removed = c.Removed, c.Added
	for i, d := range c.Changed {
		d.Old, d.New = d.New, d.Old
		for j, p := range d.Passages {
			d.Passages[j] = PassageChange{p.New, p.Old}
		}
		for j, h := range d.Headings {
			d.Headings[j] = LabelChange{h.New, h.Old}
		}
		c.Changed[i] = d
	}
	return c
}

// checkApplies makes the new list of passages of the old one and the changes:
// what was added or edited stands where it stands, and the rest goes around it.
// Where passages moved, only their order is not the same.
func checkApplies(t *testing.T, old, new *Corpus, d DocumentChange) {
	t.Helper()
	gone, placed := map[string]bool{}, map[string]bool{}
	last := -1
	for _, p := range d.Passages {
		if p.Old != nil {
			gone[p.Old.ID] = true
		}
		if p.New != nil {
			placed[p.New.ID] = true
			if p.New.Start <= last {
				t.Errorf("%s is not in reading order", p.New.Text)
			}
			last = p.New.Start
		}
	}
	var rest, got, want []string
	for _, p := range old.Only(d.Old.Name).Passages {
		if !gone[p.ID] {
			rest = append(rest, p.Text)
		}
	}
	for _, p := range new.Only(d.New.Name).Passages {
		want = append(want, p.Text)
		if placed[p.ID] {
			got = append(got, p.Text)
		} else if len(rest) > 0 {
			got, rest = append(got, rest[0]), rest[1:]
		}
	}
	got = append(got, rest...)
	if d.Moved > 0 {
		slices.Sort(got)
		slices.Sort(want)
	}
	if !slices.Equal(got, want) {
		t.Errorf("the changes make\n%q\nof the old version, not\n%q", got, want)
	}
}

func TestDiffOfRandomEdits(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 0))
	vocabulary := strings.Fields("tea crane ferry lamp noon well mill pound year crown harbour Tuesday")
	sentence := func() string {
		var some []string
		for range 2 + random.IntN(6) {
			some = append(some, vocabulary[random.IntN(len(vocabulary))])
		}
		return strings.Join(some, " ") + "."
	}
	for range 1500 {
		var old []string
		for range 1 + random.IntN(12) {
			old = append(old, sentence())
		}
		new := slices.Clone(old)
		for range random.IntN(6) {
			switch i := random.IntN(len(new)); random.IntN(4) {
			case 0:
				new = slices.Insert(new, i, sentence())
			case 1:
				if len(new) > 1 {
					new = slices.Delete(new, i, i+1)
				}
			case 2:
				new[i] += " " + vocabulary[random.IntN(len(vocabulary))]
			case 3:
				j := random.IntN(len(new))
				new[i], new[j] = new[j], new[i]
			}
		}
		name := []string{"a.txt: ", "b.txt: "}[random.IntN(2)]
		checkDiff(t, version(t, "a.txt: "+strings.Join(old, "\n\n")), version(t, name+strings.Join(new, "\n\n")))
		if t.Failed() {
			t.Fatalf("%q became %q", old, new)
		}
	}
}

func FuzzDiff(f *testing.F) {
	f.Add(tea+"\n\n"+ada, dearTea+"\n\n"+ferry+"\n\n"+ada, tea)
	f.Add("a\n\nb\n\na", "b\n\na\n\nb", "茶叶\n\n渡轮")
	f.Fuzz(func(t *testing.T, first, second, third string) {
		old, err := New(Plain("a", first), Plain("b", second))
		if err != nil {
			t.Skip()
		}
		new, err := New(Plain("a", second), Plain("c", third))
		if err != nil {
			t.Skip()
		}
		checkDiff(t, old, new)
	})
}

// manyPassages is a document of n passages, with some changed at random.
func manyPassages(n, changed int) Document {
	random := rand.New(rand.NewPCG(3, uint64(changed)))
	texts := make([]string, n)
	for i := range texts {
		texts[i] = fmt.Sprintf("Passage %d says that tea costs %d crowns, the ferry leaves at %d and the mill's well is %d feet deep.", i, i%97, i%24, i%301)
	}
	for range changed {
		texts[random.IntN(n)] += " It was corrected."
	}
	text := strings.Join(texts, "\n")
	blocks, at := make([]Block, n), 0
	for i := range blocks {
		blocks[i] = Block{Start: at, End: at + len(texts[i])}
		at += len(texts[i]) + 1
	}
	return NewDocument("many.txt", text, FrontMatter{}, blocks)
}

// The bounds hold: neither time nor memory is the square of anything.
func TestDiffOfManyPassages(t *testing.T) {
	const n = 20_000
	made := func(d Document) *Corpus {
		c, err := New(d)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	plain := made(manyPassages(n, 0))
	turned := manyPassages(n, 0)
	lines := strings.Split(turned.Text, "\n")
	slices.Reverse(lines)
	turned.Text = strings.Join(lines, "\n")
	at := 0
	for i := range turned.Blocks {
		turned.Blocks[i].Start, turned.Blocks[i].End = at, at+len(lines[i])
		at += len(lines[i]) + 1
	}
	for _, test := range []struct {
		name           string
		new            *Corpus
		changed, moved int // at least
	}{
		{"few changes", made(manyPassages(n, 20)), 20, 0},
		{"many changes", made(manyPassages(n, n/5)), n / 6, 0},
		{"nearly all changed", made(manyPassages(n, 5*n)), n - n/50, 0},
		{"another order", made(turned), 0, n - n/50},
	} {
		began := time.Now()
		changes := Diff(plain, test.new)
		took := time.Since(began)
		t.Logf("%s: %v", test.name, took)
		if took > 30*time.Second { // it is less than one, and two minutes if it were quadratic
			t.Errorf("%s took %v", test.name, took)
		}
		if d := changes.Changed[0]; len(d.Passages) < test.changed || d.Moved < test.moved {
			t.Errorf("%s: %d changes, %d moved", test.name, len(d.Passages), d.Moved)
		}
	}
}

func BenchmarkDiff(b *testing.B) {
	const n = 100_000
	var corpora []*Corpus
	for _, changed := range []int{0, 100, 5 * n} {
		c, err := New(manyPassages(n, changed))
		if err != nil {
			b.Fatal(err)
		}
		corpora = append(corpora, c)
	}
	for i, name := range []string{"few", "all"} {
		b.Run("passages=100000/changed="+name, func(b *testing.B) {
			for b.Loop() {
				Diff(corpora[0], corpora[i+1])
			}
		})
	}
}
