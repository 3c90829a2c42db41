package answer

import (
	"github.com/tiktoken-go/tokenizer/codec"

	"footnote/corpus"
)

// Fits reports whether a corpus, as it is put into a prompt, has no more than
// so many tokens. They are counted as OpenAI's models do (o200k_base), offline;
// other models' counts differ by some percent, more for Chinese.
func Fits(c *corpus.Corpus, budget int) (bool, error) {
	const longToken = 10 // bytes that a token hardly ever has on average
	text := passages(c.Passages)
	switch {
	case len(text) <= budget:
		return true, nil
	case len(text) > longToken*budget:
		return false, nil
	}
	n, err := codec.NewO200kBase().Count(text)
	return n <= budget, err
}
