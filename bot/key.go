package bot

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// QuestionKey identifies a question among those that are asked of one corpus:
// two with the same key may share an answer. They differ in no more than case,
// white space, the width of characters, the mark at the end and courtesies.
// There is no key where an answer is not to be shared: for a courtesy, for a
// question about the bot or the report itself, which costs nothing to answer,
// for one that may lean on those before it, one that is to be read as it is
// written, and one too long to be read whole. The key does not give the
// question away.
func (e *Engine) QuestionKey(q Question) (key string, ok bool) {
	text, ok := normalQuestion(q.Text)
	if !ok || q.Literal || len(q.History) > 0 && followsUp(text) {
		return "", false
	}
	if aboutInstructions(text) || e.asksOfDocument(text) {
		return "", false
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16]), true
}

// normalQuestion writes a question as it is compared with others. It is not ok
// where nothing but courtesies was said, or too much.
func normalQuestion(question string) (text string, ok bool) {
	cleaned, shortened := clean(question)
	if shortened {
		return "", false
	}
	// Taking a courtesy away can lay another bare.
	const rounds = 8
	text = cleaned
	for range rounds {
		next, ok := plainQuestion(text)
		if !ok {
			return "", false
		}
		if next == text {
			return text, figuresOf(text) == figuresOf(width.Fold.String(cleaned))
		}
		text = next
	}
	return "", false
}

// plainQuestion takes away what makes no difference. It folds the width of
// characters, but not all that NFKC does: 10² is not 102.
func plainQuestion(question string) (text string, ok bool) {
	kind, asked := splitCourtesy(question)
	if kind != noCourtesy {
		return "", false
	}
	if cutsSign(question, asked) {
		asked = question
	}
	text = norm.NFC.String(strings.ToLower(width.Fold.String(asked)))
	text = strings.Join(strings.Fields(text), " ")
	return strings.TrimSpace(strings.TrimRight(text, "?？.。!！… ")), true
}

// cutsSign reports whether a question without its courtesies begins with a
// figure that has lost its sign: "Hello, -5 degrees?"
func cutsSign(question, asked string) bool {
	first, _ := utf8.DecodeRuneInString(asked)
	if !unicode.IsNumber(first) {
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(question[:strings.LastIndex(question, asked)])
	return strings.ContainsRune(".-–—~～", before)
}

// figuresOf are the figures of a text, in their order: no two questions that
// differ in them are the same, whatever is taken away.
func figuresOf(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsNumber(r) {
			return r
		}
		return -1
	}, text)
}
