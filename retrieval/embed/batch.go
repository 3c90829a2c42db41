package embed

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"footnote/retrieval"
)

// limits are what one request may hold. OpenAI takes 2,048 texts, 300,000
// tokens in all and 8,192 in one. Tokens are estimated, hence the margins, and
// smaller requests lose less when one fails.
type limits struct {
	texts  int // in a request
	tokens int // in a request
	input  int // tokens of one text
}

// limitsOf are a model's. Others than OpenAI's often take 2,048 tokens, or cut
// off what goes beyond.
func limitsOf(model string) limits {
	l := limits{texts: 256, tokens: 60_000, input: 1_500}
	if _, ok := knownDimensions[model]; ok {
		l.input = 6_000
	}
	return l
}

// A piece is a text, or a part of one that is too long.
type piece struct {
	text   string
	of     int // which text
	tokens int
}

// pieces are those of texts, in order; an empty text has none.
func (l limits) pieces(texts []string) []piece {
	var out []piece
	for i, text := range texts {
		for rest := text; strings.TrimSpace(rest) != ""; {
			end := l.cut(rest)
			if part := rest[:end]; strings.TrimSpace(part) != "" {
				out = append(out, piece{part, i, retrieval.EstimateTokens(part)})
			}
			rest = rest[end:]
		}
	}
	return out
}

// cut is where the first piece of a text ends: behind the last space that the
// limit allows, or within a word that is longer than half of it.
func (l limits) cut(text string) int {
	if len(text) <= 4*l.input && retrieval.EstimateTokens(text) <= l.input { // four bytes are a token at least
		return len(text)
	}
	space, quarters := 0, 0
	for at, r := range text {
		switch {
		case r < utf8.RuneSelf:
			quarters++
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
			quarters += 4
		default:
			quarters += 2 * utf8.RuneLen(r)
		}
		if quarters > 4*l.input-8 && at > 0 {
			if space > at/2 {
				return space
			}
			return at
		}
		if unicode.IsSpace(r) {
			space = at + utf8.RuneLen(r)
		}
	}
	return len(text)
}

// A run is a range of pieces.
type run struct{ start, end int }

// runs cuts pieces into requests.
func (l limits) runs(pieces []piece) []run {
	var out []run
	tokens := 0
	for i, p := range pieces {
		if last := len(out) - 1; last >= 0 && out[last].end-out[last].start < l.texts && tokens+p.tokens <= l.tokens {
			out[last].end, tokens = i+1, tokens+p.tokens
			continue
		}
		out, tokens = append(out, run{i, i + 1}), p.tokens
	}
	return out
}

// Batches cuts texts into runs that one request takes each; a text that is too
// long for one is alone.
func (r *Remote) Batches(texts []string) []int {
	var out []int
	count, tokens := 0, 0 // of the last batch
	for i := range texts {
		n, t := 0, 0
		for _, p := range r.limits.pieces(texts[i : i+1]) {
			n, t = n+1, t+p.tokens
		}
		if len(out) > 0 && count+n <= r.limits.texts && tokens+t <= r.limits.tokens {
			out[len(out)-1]++
			count, tokens = count+n, tokens+t
			continue
		}
		out, count, tokens = append(out, 1), n, t
	}
	return out
}

// Estimate says about how many tokens texts are, and how many requests.
func (r *Remote) Estimate(texts []string) (tokens, requests int) {
	for _, text := range texts {
		tokens += retrieval.EstimateTokens(text)
	}
	return tokens, len(r.Batches(texts))
}
