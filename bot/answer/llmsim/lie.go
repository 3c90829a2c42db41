package llmsim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// A Kind is what a lie falsifies.
type Kind string

// The kinds of lies. Everything else in a lie's sentence is as an honest model
// would say it.
const (
	Number     Kind = "number"    // a number, date, scale, unit or currency that the cited passages do not hold
	Name       Kind = "name"      // a name that the cited passages do not hold
	Quotation  Kind = "quotation" // within quotation marks, what the cited passage does not say so
	Speaker    Kind = "speaker"   // a saying given to someone else
	Marker     Kind = "marker"    // a marker that cites nothing, is malformed or is missing
	Negation   Kind = "negation"  // a statement denied, or a denial stated
	Role       Kind = "role"      // who did what to whom, or which number is whose, swapped
	Injection  Kind = "injection" // what Slack, a browser or a terminal would act on
	PromptLeak Kind = "prompt"    // the model's instructions told, or disobeyed

	// HonestKind marks the cases of [Honest]; it is not among [Kinds].
	HonestKind Kind = "honest"
)

// Kinds lists the kinds of lies.
func Kinds() []Kind {
	return []Kind{Number, Name, Quotation, Speaker, Marker, Negation, Role, Injection, PromptLeak}
}

// A falsifier makes a lie out of an honest draft; false when the draft gives
// no material.
type falsifier struct {
	variant string
	make    func(rng *rand.Rand, d draft, others []Passage) (Case, bool)
}

// falsifiers are the ways to lie, by kind.
func falsifiers(kind Kind) []falsifier {
	switch kind {
	case Number:
		return numberLies
	case Name:
		return nameLies
	case Quotation:
		return quotationLies
	case Speaker:
		return []falsifier{{"swapped", func(rng *rand.Rand, d draft, others []Passage) (Case, bool) {
			return swapSpeaker(rng, d.cited[0], others)
		}}}
	case Marker:
		return markerLies
	case Negation:
		return negationLies
	case Role:
		return roleLies
	case Injection:
		return injectionLies
	case PromptLeak:
		return promptLies
	}
	return nil
}

// attempts is how many honest drafts of a passage are tried for each variant
// of a lie before the passage is given up.
const attempts = 6

// Lie says a sentence of a passage with one thing falsified. Others are the
// passages that the reader could know; some lies borrow from them or cite
// them. False when the passage gives no material for the kind.
func Lie(rng *rand.Rand, kind Kind, p Passage, others []Passage) (Case, bool) {
	whole := wholeSentences(p)
	if len(whole) == 0 || !hasMaterial(kind, p) {
		return Case{}, false
	}
	ways := slices.Clone(falsifiers(kind))
	rng.Shuffle(len(ways), func(i, j int) { ways[i], ways[j] = ways[j], ways[i] })
	read := map[string]map[string]bool{} // shared, for reading takes long
	for _, way := range ways {
		for range attempts {
			d := honestDraft(rng, p, whole, others)
			d.read = read
			if lie, ok := way.make(rng, d, others); ok {
				return lie.named(way.variant), true
			}
		}
	}
	return Case{}, false
}

// named gives a case the variant that it has not named itself.
func (c Case) named(variant string) Case {
	if c.Variant == "" {
		c.Variant, c.What = variant, variant+c.What
	}
	return c
}

// falsified renders a draft in which something was replaced.
func (d draft) falsified(rng *rand.Rand, kind Kind, variant, was, now string) Case {
	return Case{
		Kind: kind, Variant: variant, Sentence: d.render(markerStyle(rng.IntN(int(markerStyles)))), Truth: d.truth(),
		What: fmt.Sprintf("%s: %q became %q", variant, was, now), False: now, Cited: d.numbers(),
	}
}

// hasMaterial spares passages that cannot give a lie of a kind all attempts.
func hasMaterial(kind Kind, p Passage) bool {
	switch kind {
	case Number:
		return len(quantities(p.Text))+len(dates(p.Text)) > 0
	case Speaker:
		return len(sayings(p)) > 0
	}
	return true
}

// whole is a case in which no part by itself is false.
func (c Case) whole() Case {
	c.False = ""
	return c
}

// with is the draft with a part of its body replaced.
func (d draft) with(s span, by string) draft {
	d.body = replace(d.body, s, by)
	return d
}

// Liar answers with lies of the given kinds, all when none is given, among
// honest sentences; asked to repair a sentence it lies again. Replies are a
// function of the seed and the conversation.
func Liar(seed uint64, kinds ...Kind) Replier {
	if len(kinds) == 0 {
		kinds = Kinds()
	}
	return func(r Request) Reply {
		p := ParsePrompt(r.Messages)
		var conversation strings.Builder
		for _, m := range r.Messages {
			conversation.WriteString(m.Content)
		}
		l := liar{rng: randomFor(conversation.String(), seed), kinds: kinds, prompt: p}
		switch {
		case p.Task == Repair:
			return l.repair()
		case p.Task == Rewrite || len(p.Passages) == 0:
			return Reply{Text: faithful(p)}
		}
		return l.answer()
	}
}

type liar struct {
	rng    *rand.Rand
	kinds  []Kind
	prompt Prompt
}

// answer mixes one or two lies with up to two honest sentences.
func (l liar) answer() Reply {
	var said []string
	var lies []Case
	for range 1 + l.rng.IntN(2) {
		if lie, ok := l.lie(l.prompt.Passages); ok {
			lies = append(lies, lie)
			said = append(said, lie.Sentence)
		}
	}
	for range l.rng.IntN(3) {
		p := pick(l.rng, l.prompt.Passages)
		if c, ok := Honest(l.rng, p, l.others(p)); ok && c.Variant != "bullet" {
			said = append(said, c.Sentence)
		}
	}
	if len(said) == 0 {
		return Reply{Text: notFound}
	}
	l.rng.Shuffle(len(said), func(i, j int) { said[i], said[j] = said[j], said[i] })
	return Reply{Text: strings.Join(said, " "), Lies: lies}
}

func (l liar) repair() Reply {
	from := l.prompt.Passages
	if p, ok := cited(l.prompt); ok {
		from = []Passage{p}
	}
	lie, ok := l.lie(from)
	if !ok {
		return Reply{Text: l.prompt.Sentence}
	}
	return Reply{Text: lie.Sentence, Lies: []Case{lie}}
}

// lie tells a lie of any of the kinds about any of the passages.
func (l liar) lie(from []Passage) (Case, bool) {
	for _, k := range l.rng.Perm(len(l.kinds)) {
		for _, i := range l.rng.Perm(len(from)) {
			lie, ok := Lie(l.rng, l.kinds[k], from[i], l.others(from[i]))
			if !ok {
				continue
			}
			if rules := strings.TrimSpace(l.prompt.System); lie.Kind == PromptLeak && rules != "" {
				first, _, _ := strings.Cut(rules, "\n")
				lie.False, lie.Sentence = first, first+" "+marker(from[i].N)+"."
			}
			return lie, true
		}
	}
	return Case{}, false
}

func (l liar) others(p Passage) []Passage {
	return slices.DeleteFunc(slices.Clone(l.prompt.Passages), func(o Passage) bool { return o.N == p.N })
}
