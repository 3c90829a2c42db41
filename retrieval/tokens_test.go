package retrieval

import "testing"

func TestTokensAreEstimated(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "a": 1, "word": 1, "twelve bytes": 3, "大模型": 3, "カタカナ": 4, "한국어": 3, "Привет": 6, "café": 2, "😀": 2,
	} {
		if got := EstimateTokens(text); got != want {
			t.Errorf("%q: %d tokens, want %d", text, got, want)
		}
	}
}
