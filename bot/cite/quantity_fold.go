package cite

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A folded text is a text with its digits, widths, dashes and spaces made
// plain, and where each of its bytes comes from.
type foldedText struct {
	text string
	// from and to are, for each byte of text, the offsets of the original
	// character that it stands for; nil when the text is the original.
	from, to []int
}

func (f *foldedText) start(i int) int {
	if f.from == nil {
		return i
	}
	return f.from[i]
}

func (f *foldedText) end(i int) int {
	if f.to == nil {
		return i
	}
	return f.to[i-1]
}

func foldText(text string) foldedText {
	ascii := true
	for i := 0; i < len(text) && ascii; i++ {
		ascii = text[i] < utf8.RuneSelf
	}
	if ascii {
		return foldedText{text: text}
	}
	f := folder{from: make([]int, 0, len(text)), to: make([]int, 0, len(text))}
	f.out.Grow(len(text))
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		f.at, f.upto = i, i+size
		f.fold(r)
		i += size
	}
	return foldedText{text: f.out.String(), from: f.from, to: f.to}
}

type folder struct {
	out      strings.Builder
	from, to []int
	at, upto int
	last     rune
	raised   bool // last stands in an exponent
}

func (f *folder) write(s string) {
	f.out.WriteString(s)
	for range len(s) {
		f.from = append(f.from, f.at)
		f.to = append(f.to, f.upto)
	}
	if s != "" {
		f.last, _ = utf8.DecodeLastRuneInString(s)
	}
}

func (f *folder) fold(r rune) {
	if s := superscript(r); s != "" {
		f.raise(s)
		return
	}
	f.raised = false
	switch {
	case r < utf8.RuneSelf:
		f.write(string(r))
	case unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r):
		// Invisible between digits, they part nothing.
	case unicode.IsSpace(r):
		f.write(" ")
	case unicode.Is(unicode.Nd, r):
		f.write(string('0' + decimalDigit(r)))
	case r >= 0x2080 && r <= 0x2089: // subscripts
		if asciiDigit(f.last) {
			f.write("_")
		}
		f.write(string('0' + r - 0x2080))
	case vulgarFraction(r) != "":
		f.write(string(r))
	case unicode.Is(unicode.No, r):
		f.write(" " + circled(r) + " ")
	case plainRunes[r] != "":
		f.write(plainRunes[r])
	case unicode.Is(unicode.Han, r) && r >= 0x4E00 && r <= 0x9FFF:
		f.write(string(r))
	default:
		f.write(norm.NFKC.String(string(r)))
	}
}

// raise writes a superscript: 10² is 10^2, m² is m2.
func (f *folder) raise(s string) {
	if asciiDigit(f.last) && !f.raised {
		f.write("^")
	}
	f.raised = true
	f.write(s)
}

func superscript(r rune) string {
	switch r {
	case '¹':
		return "1"
	case '²':
		return "2"
	case '³':
		return "3"
	case '⁻':
		return "-"
	}
	if r == '⁰' || r >= '⁴' && r <= '⁹' {
		return string('0' + r - '⁰')
	}
	return ""
}

// decimalDigit returns the value of a decimal digit of any script: Unicode
// lays them out in tens.
func decimalDigit(r rune) rune {
	for _, t := range unicode.Nd.R16 {
		if r <= rune(t.Hi) {
			return (r - rune(t.Lo)) % 10
		}
	}
	for _, t := range unicode.Nd.R32 {
		if r <= rune(t.Hi) {
			return (r - rune(t.Lo)) % 10
		}
	}
	return 0
}

// circled returns the number inside a circled or bracketed one.
func circled(r rune) string {
	switch {
	case r >= 0x2776 && r <= 0x2793: // three rows of ① to ⑩ in other styles
		return itoa(int(r-0x2776)%10 + 1)
	case r >= 0x24EB && r <= 0x24F4:
		return itoa(int(r-0x24EB) + 11)
	case r >= 0x24F5 && r <= 0x24FE:
		return itoa(int(r-0x24F5) + 1)
	case r == 0x24FF:
		return "0"
	}
	return norm.NFKC.String(string(r))
}

// vulgarFraction returns a character such as ½ as "1/2", else "".
func vulgarFraction(r rune) string {
	if r < '¼' || r > '¾' && r < 0x2150 || r > 0x2189 {
		return ""
	}
	return vulgarFractions[r]
}

var vulgarFractions = map[rune]string{
	'¼': "1/4", '½': "1/2", '¾': "3/4", '⅐': "1/7", '⅑': "1/9", '⅒': "1/10", '⅓': "1/3", '⅔': "2/3",
	'⅕': "1/5", '⅖': "2/5", '⅗': "3/5", '⅘': "4/5", '⅙': "1/6", '⅚': "5/6", '⅛': "1/8", '⅜': "3/8",
	'⅝': "5/8", '⅞': "7/8", '↉': "0",
}

func asciiDigit(r rune) bool { return r >= '0' && r <= '9' }

// plainRunes are the characters that compatibility folding leaves as they are.
var plainRunes = map[rune]string{
	'’': "'", '‘': "'", 'ʼ': "'", '′': "'",
	'–': "-", '‒': "-", '‐': "-", '‑': "-", '−': "-", '﹣': "-", '－': "-",
	'―': "—", '〜': "~", '∼': "~", '～': "~",
	'⁄': "/", '∕': "/", '÷': "/",
	'٫': ".", '٬': ",", '٪': "%", '，': ",", '︰': ":", '∶': ":",
}
