package llmsim

import (
	"math/rand/v2"
	"strings"
	"unicode/utf8"
)

var nameLies = []falsifier{
	{"invented", onName(func(rng *rand.Rand, d draft, name string, _ []Passage) (string, bool) {
		now := invented(rng, name)
		return now, allLack(d.cited, now)
	})},
	{"borrowed", onName(borrowed)},
	{"one letter", onName(func(rng *rand.Rand, d draft, name string, _ []Passage) (string, bool) {
		now, ok := misspelt(rng, name)
		return now, ok && !d.mentionsWordOf(now, name)
	})},
	{"homoglyph", onName(func(rng *rand.Rand, d draft, name string, _ []Passage) (string, bool) {
		now, ok := disguise(rng, name)
		return now, ok && !d.mentions(now)
	})},
	{"mixed", onName(mixed)},
}

// mentionsWordOf reports whether a cited passage has the word in which a
// misspelt name differs from the right one.
func (d draft) mentionsWordOf(now, was string) bool {
	right := words(was)
	for i, w := range words(now) {
		if i < len(right) && w != right[i] {
			return d.mentions(w)
		}
	}
	return true
}

// onName is a lie about a name: change gives the false one.
func onName(change func(rng *rand.Rand, d draft, name string, others []Passage) (string, bool)) func(*rand.Rand, draft, []Passage) (Case, bool) {
	return func(rng *rand.Rand, d draft, others []Passage) (Case, bool) {
		var fit []span
		for _, s := range namesIn(d.body, d.context()) {
			if utf8.RuneCountInString(s.of(d.body)) >= 4 && !startsLeadIn(s.of(d.body)) {
				fit = append(fit, s)
			}
		}
		if len(fit) == 0 {
			return Case{}, false
		}
		s := pick(rng, fit)
		was := s.of(d.body)
		now, ok := change(rng, d, was, others)
		if !ok || now == was {
			return Case{}, false
		}
		lie := d.with(s, now).falsified(rng, Name, "", was, now)
		if s.start == 0 {
			lie.What += " at the start"
		}
		return lie, true
	}
}

func (d draft) context() string {
	var all []string
	for _, p := range d.cited {
		all = append(all, p.Text)
	}
	return strings.Join(all, "\n")
}

// startsLeadIn reports whether a capitalised word is the generator's own.
func startsLeadIn(name string) bool {
	return name == "According" || name == "Per" || name == "In"
}

// borrowed is a name of another passage that the cited ones lack.
func borrowed(rng *rand.Rand, d draft, name string, others []Passage) (string, bool) {
	for range 8 {
		if len(others) == 0 {
			break
		}
		from := pick(rng, others)
		all := names(from.Text)
		if len(all) == 0 {
			continue
		}
		now := pick(rng, all).of(from.Text)
		if utf8.RuneCountInString(now) >= 4 && len(strings.Fields(now)) <= 4 && allLack(d.cited, now) && !d.alike(now) && !ordinary(now, append(d.cited[:len(d.cited):len(d.cited)], others...)) {
			return now, true
		}
	}
	return "", false
}

// alike reports whether a cited passage has a name but for its case, its
// hyphens or a plural.
func (d draft) alike(name string) bool {
	plain := strings.NewReplacer("-", "", "–", "", " ", "", "’s", "", "'s", "")
	part := strings.TrimSuffix(strings.ToLower(plain.Replace(name)), "s")
	for _, p := range d.cited {
		if strings.Contains(strings.ToLower(plain.Replace(p.Text)), part) {
			return true
		}
	}
	return false
}

// ordinary reports whether a name is a single word that passages write in
// lower case too, such as the States.
func ordinary(name string, passages []Passage) bool {
	lower := strings.ToLower(name)
	if strings.Contains(name, " ") {
		return false
	}
	if _, rest, ok := strings.Cut(name, "-"); ok && rest == strings.ToLower(rest) {
		return true // Mongol-controlled
	}
	for _, p := range passages {
		for _, s := range wordSpans(p.Text) {
			if w := s.of(p.Text); w == lower || w == strings.TrimSuffix(lower, "s") {
				return true
			}
		}
	}
	return false
}

// mixed is the first word of one name with the last of another.
func mixed(rng *rand.Rand, d draft, name string, others []Passage) (string, bool) {
	mine := strings.Fields(name)
	if len(mine) != 2 || strings.HasSuffix(mine[0], "'s") || strings.HasSuffix(mine[0], "’s") {
		return "", false
	}
	var last []string
	for _, p := range append(d.cited[:1:1], others...) {
		for _, s := range names(p.Text) {
			if w := strings.Fields(s.of(p.Text)); len(w) == 2 && w[1] != mine[1] {
				last = append(last, w[1])
			}
		}
	}
	if len(last) == 0 {
		return "", false
	}
	now := mine[0] + " " + pick(rng, last)
	return now, !d.mentions(now)
}
