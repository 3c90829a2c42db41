package retrieval

import (
	"unicode"
	"unicode/utf8"
)

// EstimateTokens is about how many tokens of a model a text is: one for four
// bytes of ASCII, one for an ideograph, kana or hangul, one for two bytes of
// the rest.
func EstimateTokens(text string) int {
	var ascii, wide, other int
	for _, r := range text {
		switch {
		case r < utf8.RuneSelf:
			ascii++
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
			wide++
		default:
			other += utf8.RuneLen(r)
		}
	}
	return (ascii+3)/4 + wide + (other+1)/2
}
