package pdf

import (
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Encodings and names of letters (ISO 32000-1, annex D). They are kept as text
// and unpacked when a font needs them, so that nothing is made at start-up.

const asciiNames = "space exclam quotedbl numbersign dollar percent ampersand quotesingle parenleft parenright asterisk plus comma hyphen period slash " +
	"zero one two three four five six seven eight nine colon semicolon less equal greater question at " +
	"A B C D E F G H I J K L M N O P Q R S T U V W X Y Z bracketleft backslash bracketright asciicircum underscore grave " +
	"a b c d e f g h i j k l m n o p q r s t u v w x y z braceleft bar braceright asciitilde"

const otherNames = "quoteright ’ quoteleft ‘ quotedblleft “ quotedblright ” quotesinglbase ‚ quotedblbase „ guillemotleft « guillemotright » guilsinglleft ‹ guilsinglright › " +
	"endash – emdash — minus − figuredash ‒ bullet • periodcentered · middot · ellipsis … dagger † daggerdbl ‡ section § paragraph ¶ copyright © registered ® trademark ™ " +
	"degree ° plusminus ± multiply × divide ÷ fraction ⁄ onehalf ½ onequarter ¼ threequarters ¾ onesuperior ¹ twosuperior ² threesuperior ³ perthousand ‰ " +
	"cent ¢ sterling £ yen ¥ Euro € euro € currency ¤ florin ƒ exclamdown ¡ questiondown ¿ ordfeminine ª ordmasculine º logicalnot ¬ brokenbar ¦ " +
	"AE Æ ae æ OE Œ oe œ Oslash Ø oslash ø Lslash Ł lslash ł germandbls ß Eth Ð eth ð Thorn Þ thorn þ dotlessi ı Dcroat Đ dcroat đ Hbar Ħ hbar ħ Eng Ŋ eng ŋ ij ĳ IJ Ĳ " +
	"ff ﬀ fi ﬁ fl ﬂ ffi ﬃ ffl ﬄ f_f ﬀ f_i ﬁ f_l ﬂ st ﬆ longs ſ hyphenminus - sfthyphen \u00ad softhyphen \u00ad " +
	"Alpha Α Beta Β Gamma Γ Delta Δ Epsilon Ε Zeta Ζ Eta Η Theta Θ Iota Ι Kappa Κ Lambda Λ Mu Μ Nu Ν Xi Ξ Omicron Ο Pi Π Rho Ρ Sigma Σ Tau Τ Upsilon Υ Phi Φ Chi Χ Psi Ψ Omega Ω " +
	"alpha α beta β gamma γ delta δ epsilon ε epsilon1 ϵ zeta ζ eta η theta θ theta1 ϑ iota ι kappa κ lambda λ mu µ nu ν xi ξ omicron ο pi π rho ρ sigma σ sigma1 ς tau τ upsilon υ phi φ phi1 ϕ chi χ psi ψ omega ω " +
	"summation ∑ product ∏ integral ∫ partialdiff ∂ radical √ infinity ∞ approxequal ≈ notequal ≠ lessequal ≤ greaterequal ≥ element ∈ arrowright → arrowleft ← arrowup ↑ arrowdown ↓ lozenge ◊ " +
	"checkmark ✓ square □ filledbox ■ circle ○ blackcircle ● triangleright ▷ numero № estimated ℮"

const accents = "grave \u0300 acute \u0301 circumflex \u0302 tilde \u0303 macron \u0304 breve \u0306 dotaccent \u0307 dieresis \u0308 ring \u030A hungarumlaut \u030B caron \u030C cedilla \u0327 commaaccent \u0326 ogonek \u0328"

// names says what names of glyphs mean.
type names struct {
	known   map[string]string
	accents []string // name, mark, name, mark …
}

func newNames() *names {
	n := &names{known: map[string]string{}, accents: strings.Fields(accents)}
	for i, ascii := range strings.Fields(asciiNames) {
		n.known[ascii] = string(rune(' ' + i))
	}
	words := strings.Split(otherNames, " ")
	for i := 0; i+1 < len(words); i += 2 {
		n.known[words[i]] = words[i+1]
	}
	n.known["nbspace"], n.known["nonbreakingspace"] = " ", " "
	return n
}

// text is what a glyph means, empty when its name does not say.
func (n *names) text(glyph string) string {
	if text, ok := n.known[glyph]; ok {
		return text
	}
	if base, _, ok := strings.Cut(glyph, "."); ok && base != "" {
		return n.text(base) // "a.sc"
	}
	if parts := strings.Split(glyph, "_"); len(parts) > 1 && len(parts) < 5 {
		var all strings.Builder
		for _, part := range parts {
			all.WriteString(n.text(part))
		}
		return all.String()
	}
	if text := byNumber(glyph); text != "" {
		return text
	}
	for i := 0; i+1 < len(n.accents); i += 2 {
		if base, ok := strings.CutSuffix(glyph, n.accents[i]); ok && len(base) == 1 {
			return norm.NFC.String(base + n.accents[i+1])
		}
	}
	return ""
}

// byNumber reads "uni20AC" and "u1F600".
func byNumber(glyph string) string {
	digits, ok := strings.CutPrefix(glyph, "uni")
	if ok && len(digits) >= 4 {
		digits = digits[:4]
	} else if digits, ok = strings.CutPrefix(glyph, "u"); !ok || len(digits) < 4 || len(digits) > 6 {
		return ""
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	if err != nil || n < ' ' || n > 0x10FFFF {
		return ""
	}
	return string(rune(n))
}

const (
	winAnsiHigh  = "€•‚ƒ„…†‡ˆ‰Š‹Œ•Ž••‘’“”•–—˜™š›œ•žŸ"                                                                                                           // from 0x80; the rest is Latin-1
	macRomanHigh = "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…\u00a0ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\uF8FFÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ" // from 0x80
	standardHigh = "¡¢£⁄¥ƒ§¤'“«‹›ﬁﬂ\x00–†‡·\x00¶•‚„”»…‰\x00¿\x00`´ˆ˜¯˘˙¨\x00˚¸\x00˝˛ˇ—"                                                                         // from 0xA1
)

func ascii() (t [256]string) {
	for c := ' '; c < 0x7F; c++ {
		t[c] = string(c)
	}
	return t
}

func fill(t *[256]string, at int, text string) {
	for _, r := range text {
		if r != 0 {
			t[at] = string(r)
		}
		at++
	}
}

func winAnsi() [256]string {
	t := ascii()
	fill(&t, 0x80, winAnsiHigh)
	for c := rune(0xA0); c < 0x100; c++ {
		t[c] = string(c)
	}
	return t
}

func macRoman() [256]string {
	t := ascii()
	fill(&t, 0x80, macRomanHigh)
	return t
}

func standard() [256]string {
	t := ascii()
	t['\''], t['`'] = "’", "‘"
	fill(&t, 0xA1, standardHigh)
	for _, c := range strings.Split("E1Æ E3ª E8Ł E9Ø EAŒ EBº F1æ F5ı F8ł F9ø FAœ FBß", " ") {
		at, _ := strconv.ParseUint(c[:2], 16, 8)
		t[at] = c[2:]
	}
	return t
}

// Widths of the standard fonts from the space to the tilde, in thousandths.
const (
	sansWidths      = "278 278 355 556 556 889 667 222 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278 584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 667 667 611 278 278 278 469 556 222 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 278 556 500 722 500 500 500 334 260 334 584"
	sansBoldWidths  = "278 333 474 556 556 889 722 278 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 333 333 584 584 584 611 975 722 722 722 722 667 611 778 722 278 556 722 611 833 722 778 667 778 722 667 611 722 667 944 667 667 611 333 278 333 584 556 278 556 611 556 611 556 333 611 611 278 278 556 278 889 611 611 611 611 389 556 333 611 556 778 556 556 500 389 280 389 584"
	serifWidths     = "250 333 408 500 500 833 778 333 333 333 500 564 250 333 250 278 500 500 500 500 500 500 500 500 500 500 278 278 564 564 564 444 921 722 667 667 722 611 556 722 722 333 389 722 611 889 722 722 556 722 667 556 611 722 722 944 722 722 611 333 278 333 469 500 333 444 500 444 500 444 333 500 500 278 278 500 278 778 500 500 500 500 333 389 278 500 500 722 500 500 444 480 200 480 541"
	serifBoldWidths = "250 333 555 500 500 1000 833 333 333 333 500 570 250 333 250 278 500 500 500 500 500 500 500 500 500 500 333 333 570 570 570 500 930 722 667 722 722 667 611 778 778 389 500 778 667 944 722 778 611 778 722 556 667 722 722 1000 722 722 667 333 278 333 581 500 333 500 556 444 556 444 333 500 556 278 333 556 278 833 556 500 556 556 444 389 333 556 500 722 500 500 444 394 220 394 520"
)

// standardWidths are the widths of a font that files need not give.
func standardWidths(t *font, base string) {
	t.width = 500
	bold := strings.Contains(base, "Bold")
	var widths string
	switch {
	case strings.Contains(base, "Courier"):
		t.width = 600
		return
	case strings.Contains(base, "Times") && bold:
		widths = serifBoldWidths
	case strings.Contains(base, "Times"):
		widths = serifWidths
	case bold:
		widths = sansBoldWidths
	default:
		widths = sansWidths
	}
	byLetter := map[string]float64{"–": 556, "—": 1000, "…": 1000, "•": 350, "’": 222, "‘": 222, "“": 333, "”": 333, "ﬁ": 500, "ﬂ": 500}
	for i, w := range strings.Fields(widths) {
		n, _ := strconv.Atoi(w)
		byLetter[string(rune(' '+i))] = float64(n)
	}
	for c, text := range t.letters {
		if text == "" {
			continue
		}
		w, ok := byLetter[text]
		if !ok {
			w, ok = byLetter[norm.NFD.String(text)[:1]] // an accent takes no width
		}
		if ok {
			t.widths[c] = w
		}
	}
}
