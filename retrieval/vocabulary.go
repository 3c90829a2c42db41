package retrieval

import (
	"strings"
	"sync"
	"unicode/utf8"

	"footnote/retrieval/words"
)

// A surface is what is known of a token's folded form, whichever text it stands in.
type surface struct {
	// term is the number of its stem in the vocabulary; -1, in a question,
	// for a stem that the corpus lacks.
	term int32
	// row is its place in the table of English words, -1 if it has none.
	row  int32
	kind surfaceKind
}

type surfaceKind uint16

const (
	stopWord     surfaceKind = 1 << iota
	numeral                  // starts with a digit
	numberWord               // "three", "half", "dozen"
	dateWord                 // a month, a weekday, "century"
	causeWord                // "because", "due", "since"
	ideograms                // Chinese, Japanese or Korean
	compoundForm             // joined from parts
	titleWord                // "professor", "president": a person's name is near
	askingWord               // "mention", "happen": about the asking, not the matter
	yearForm                 // four digits that people write for a year
)

// A vocabulary numbers the surfaces and stems of a corpus. It is written while
// the index is built and only read afterwards.
type vocabulary struct {
	table    *words.Table
	surfaces dictionary
	entries  []surface // by the number of the surface
	terms    dictionary
}

func newVocabulary(table *words.Table) *vocabulary { return &vocabulary{table: table} }

// add returns the number of a token's surface, making it when it is new.
func (v *vocabulary) add(t Token) int32 {
	n, isNew := v.surfaces.add(t.Surface)
	if isNew {
		s := describe(t, v.table)
		s.term, _ = v.terms.add(stem(t.Surface))
		v.entries = append(v.entries, s)
	}
	return n
}

// lookup describes a question's token without changing the vocabulary.
func (v *vocabulary) lookup(t Token) surface {
	if n := v.surfaces.find(t.Surface); n >= 0 {
		return v.entries[n]
	}
	s := describe(t, v.table)
	s.term = v.terms.find(stem(t.Surface))
	return s
}

func describe(t Token, table *words.Table) surface {
	s := surface{row: -1, kind: wordKinds()[t.Surface]}
	first, _ := utf8.DecodeRuneInString(t.Surface)
	switch {
	case first >= '0' && first <= '9':
		s.kind |= numeral
		if isYear(t.Surface) {
			s.kind |= yearForm
		}
	case isCJK(first):
		s.kind |= ideograms | hanKind(t.Surface)
		if strings.ContainsAny(t.Surface, functionCharacters) {
			s.kind |= stopWord
		}
	default:
		s.row = int32(table.Row(t.Surface))
	}
	if t.Surface == mayMonth {
		s.kind |= dateWord
	}
	if t.Compound {
		s.kind |= compoundForm
	}
	return s
}

// wordKinds are the closed classes of English words that ranking looks at.
var wordKinds = sync.OnceValue(func() map[string]surfaceKind {
	kinds := make(map[string]surfaceKind, 512)
	for list, kind := range map[string]surfaceKind{
		stopWords:   stopWord,
		numberWords: numberWord,
		dateWords:   dateWord,
		causeWords:  causeWord,
		titleWords:  titleWord,
		askingWords: askingWord,
	} {
		for _, w := range strings.Fields(list) {
			kinds[w] |= kind
		}
	}
	return kinds
})

// functionCharacters are Chinese particles, pronouns and prepositions: a pair
// with one of them in it says nothing.
const functionCharacters = "的了在是吗呢吧啊着谁哪么什们这那与和及或就也都还很把被让给对从而且但请个"

const (
	stopWords = `a about above after again against ain all also although am among an and another any anybody anyone
anything are aren arent as at be because been before being below between both but by can cannot cant could couldn couldnt
d did didn didnt do does doesn doesnt doing don dont down during each either else ever every everybody everyone everything few
for from further get gets got had hadn hadnt has hasn hasnt have haven havent having he her here hers herself him himself
his how i if in instead into is isn isnt it its itself just let ll m many may me might mightn more most much must mustn my myself neither
no nobody nor not nothing now of off on once one only onto or other others our ours ourselves out over own per perhaps please quite
rather re s same shall shan she should shouldn shouldnt so some somebody someone something such t than that the their theirs them
themselves then there these they this those though through thus to too toward towards under until up upon us ve very
was wasn wasnt we were weren werent what whatever when whenever where whether which whichever while who whoever whom whose
why will with within without won wont would wouldn wouldnt yes yet you your yours yourself yourselves tell give say`
	numberWords = `zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands
million millions billion billions trillion trillions dozen dozens half third thirds quarter quarters percent percentage once twice
double triple majority`
	dateWords = `january february march april may june july august september october november december monday tuesday
wednesday thursday friday saturday sunday century centuries decade decades year years month months week weeks day days
spring summer autumn winter today tomorrow yesterday bc bce ad ce era period recently ago early late`
	causeWords = `because due since therefore reason reasons thus hence caused cause causes led leads result resulted
resulting so order owing thanks avoid allow allows allowed prevent enable enabled as to for
因为 由于 因此 所以 于是 导致 致使 原因 为此`
	askingWords = `mention mentions mentioned happen happens happened happening write writes wrote written discuss discusses
discussed describe describes described explain explains explained summarise summarize report document article text
author think thinks eventually exactly actually really`
	titleWords = `president professor director minister king queen emperor ceo cto cfo chairman founder mr mrs ms dr sir lord
lady prince princess duke general captain colonel admiral governor senator pope bishop partner head author scientist
researcher analyst spokesman spokeswoman secretary judge engineer philosopher economist historian
先生 女士 校长 镇长 县长 市长 院长 厂长 经理 总裁 主任 主席 书记 教授 博士 老师 师傅 院士 会长 专家`
)
