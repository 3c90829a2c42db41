package cite

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// plain takes out of a written sentence what nobody should see or needs:
// characters that are not seen or turn the text around, marks of Markdown,
// and the ways of writing markers other than [1].
func plain(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	text = strings.Map(visible, text)
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) }), " ")
	text = strings.TrimLeft(text, "> ")
	text = texQuotes.Replace(text)
	text = bullets.ReplaceAllString(text, "- ")
	text = headings.ReplaceAllString(text, "")
	text = slanted.ReplaceAllString(emphasis.Replace(text), "$1$3")
	return normaliseMarkers(text)
}

// visible drops control and format characters, among them bidirectional
// overrides and zero-width ones, and what has no assigned meaning.
func visible(r rune) rune {
	switch {
	case r == '\t' || r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029' || r == '\u0085':
		return ' '
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs), r >= 0xFE00 && r <= 0xFE0F, r >= 0xE0000 && r <= 0xE0FFF:
		return -1
	case r == '\u115F' || r == '\u1160' || r == '\u3164' || r == '\uFFA0' || r == '\u034F' || r == '\u17B4' || r == '\u17B5':
		return -1 // letters without a shape
	case !unicode.IsSpace(r) && !unicode.IsGraphic(r):
		return -1
	}
	return r
}

var (
	bullets  = regexp.MustCompile(`^\s*[*•·‣▪●–—-]\s+`)
	headings = regexp.MustCompile(`^\s*#{1,6}\s+`)
	emphasis = strings.NewReplacer("**", "", "__", "", "~~", "", "`", "")
	slanted  = regexp.MustCompile(`(^|[\s(“"])([*_])([^\s*_](?:[^*_]*[^\s*_])?)[*_]`)
	// as TeX and old mail write quotation marks
	texQuotes = strings.NewReplacer("``", "“", "''", "”")
)

var (
	wideMarker   = regexp.MustCompile(`[【［〔\[]\s*(?:\^|[Pp]assages?\s+)?(\p{Nd}{1,9})(?:†[^】\]］]{0,80})?\s*[】］〕\]]`)
	markerList   = regexp.MustCompile(`\[\s*\d{1,3}(?:\s*[,;，、；]\s*(?:[Pp]assages?\s+)?\d{1,3})+\s*\]`)
	markerRange  = regexp.MustCompile(`\[\s*(\d{1,3})\s*[-–—]\s*(\d{1,3})\s*\]`)
	nestedMarker = regexp.MustCompile(`\[\s*((?:\[\d{1,9}\]\s*)+)\]`)
	number       = regexp.MustCompile(`\d+`)
	// what was meant for a marker and is none: [-3], [3 at the end
	loose  = regexp.MustCompile(`\s*\[\s*[-+−]\s*\d{1,3}\s*\]|\s*\[\d{1,3}\s*([.。!?]?)$`)
	raised = regexp.MustCompile(`(\p{L}{4,}[”"’]?[.。!?]?)([⁰¹²³⁴-⁹]{1,2})([.。!?]?)$`)
	// what a model says of its instructions, or to itself
	instructs = regexp.MustCompile(`(?i)\b(?:you are (?:a|an) (?:[a-z-]+ ){0,4}(?:assistant|model|bot|ai)|as an ai\b|my (?:system )?(?:prompt|instructions)|system prompt|(?:ignore|disregard) (?:all|the|any|every|previous|prior|these|those)\b.{0,40}\b(?:passages?|instructions?|rules?|above)|passages? (?:that )?(?:you|i) (?:are|were|was|am) given)` +
		`|你是.{0,30}(?:助手|模型|机器人)|(?:忽略|无视).{0,12}(?:段落|指令|指示|说明|规则)|系统提示`)
)

// normaliseMarkers writes the ways in which models cite as markers: [1][2] for
// [1, 2], 【1†source】 and [[1]].
func normaliseMarkers(text string) string {
	if m := raised.FindStringSubmatchIndex(text); m != nil && !strings.Contains(text, "[") {
		text = text[:m[3]] + " [" + norm.NFKC.String(text[m[4]:m[5]]) + "]" + text[m[6]:]
	}
	if !strings.ContainsAny(text, "[【［〔") {
		return text
	}
	text = loose.ReplaceAllString(text, "$1")
	text = wideMarker.ReplaceAllStringFunc(text, func(m string) string {
		return "[" + norm.NFKC.String(wideMarker.FindStringSubmatch(m)[1]) + "]"
	})
	text = markerList.ReplaceAllStringFunc(text, func(m string) string {
		return "[" + strings.Join(number.FindAllString(m, -1), "][") + "]"
	})
	text = markerRange.ReplaceAllStringFunc(text, func(m string) string {
		ends := markerRange.FindStringSubmatch(m)
		from, to := markerNumber(ends[1]), markerNumber(ends[2])
		if from == 0 || to <= from || to-from > 8 {
			return m
		}
		var b strings.Builder
		for n := from; n <= to; n++ {
			b.WriteString("[" + strconv.Itoa(n) + "]")
		}
		return b.String()
	})
	return nestedMarker.ReplaceAllString(text, "$1")
}

// takeMarkers returns a sentence without its markers and the numbers that they
// had, in order, each once.
func takeMarkers(text string) (string, []Marker) {
	markers := Markers(text)
	if len(markers) == 0 {
		return text, nil
	}
	var b strings.Builder
	at := 0
	for _, m := range markers {
		b.WriteString(strings.TrimRight(text[at:m.Start], " "))
		at = m.End
		if next, _ := utf8.DecodeRuneInString(text[at:]); wordRune(next) {
			b.WriteByte(' ')
		}
	}
	b.WriteString(text[at:])
	return strings.TrimSpace(emphasis.Replace(escapeMarkers(b.String()))), markers
}

var (
	// control sequences of Slack, tags and comments of HTML: a sign that is not
	// followed by a figure.
	tag = regexp.MustCompile(`<\s*[^\s\d=]|[\p{L}\p{N}]>`)
	// entities, which some readers decode, also without their semicolon.
	entity = regexp.MustCompile(`&(?:#\d|#[xX][0-9a-fA-F]|[A-Za-z]{2,8}\d{0,2};|(?:lt|gt|amp|quot|apos|nbsp|excl|commat|sol)\b)`)
	// a call of everybody or of a person.
	ping = regexp.MustCompile(`(?:^|[^\p{L}\p{N}])@[\p{L}\p{N}_]`)
	// an address with a scheme, whatever the scheme, or of a share.
	scheme = regexp.MustCompile(`(?i)[a-z][a-z0-9+.-]{1,15}:(?:[^\s\d]\S*|//\S*)|(?:^|[^\p{L}\p{N}:])//[\p{L}\p{N}]\S*|\\\\[\p{L}\p{N}]\S*`)
	// a Markdown link or image, or the definition of one.
	markdownLink = regexp.MustCompile(`\]\s*\(|\]\s*:|!\s*\[|\]\s*\[\s*[^\]\d]`)
	// a domain or an e-mail address without a scheme.
	domain = regexp.MustCompile(`[^\s.。．｡‧()\[\],;!?"“”'‘’<>«»/]+(?:[.。．｡‧][^\s.。．｡‧()\[\],;!?"“”'‘’<>«»/]+)*[.。．｡‧][\p{L}][\p{L}\p{N}-]*[\p{L}\p{N}](?:[:/?#]\S*)?`)
	// what asks the reader for something.
	request = regexp.MustCompile(`(?i)\b(?:passwords?|passcodes?|credentials|api keys?|credit cards?|click (?:here|on|the)|log ?in to)\b|密码|点击`)
	spelled = regexp.MustCompile(`(?:^|\s)(?:\p{L}\s){3,}\p{L}(?:\s|$|\pP)`)
)

// forbidden returns what a sentence holds that must not be shown, and "" where
// there is nothing: control sequences of Slack and HTML, calls of people,
// addresses that do not stand in the sources, which known decides, and writing
// that only looks like letters and figures.
func forbidden(text string, known func(address string) bool) string {
	folded := norm.NFKC.String(text)
	forms := []string{text, folded}
	if folded == text {
		forms = forms[:1]
	}
	for _, t := range forms {
		switch {
		case strings.ContainsAny(t, "<>") && tag.MatchString(t):
			return "markup"
		case strings.Contains(t, "&") && entity.MatchString(t):
			return "an HTML entity"
		case strings.Contains(t, "@") && ping.MatchString(t):
			return "a call of people"
		case strings.ContainsAny(t, "]!") && markdownLink.MatchString(t):
			return "a link"
		}
		if !dotted(t) {
			continue
		}
		for _, at := range domain.FindAllStringIndex(t, -1) {
			if address := t[at[0]:at[1]]; isDomain(address) && !known(address) {
				return "an address"
			}
		}
	}
	if strings.ContainsAny(text, `:/\`) {
		for _, address := range scheme.FindAllString(text, -1) {
			if !known(strings.TrimLeft(address, " (")) {
				return "a link"
			}
		}
	}
	if strings.Contains(folded, "://") && !strings.Contains(text, "://") {
		return "a link"
	}
	for _, asked := range request.FindAllString(text, -1) {
		if !known(asked) {
			return "a request to the reader"
		}
	}
	return disguised(text, known)
}

// dotted reports whether a text has a point right before a letter, as every
// address has.
func dotted(text string) bool {
	dot := false
	for _, r := range text {
		if dot && unicode.IsLetter(r) {
			return true
		}
		dot = strings.ContainsRune(".。．｡‧", r)
	}
	return false
}

// isDomain tells an address from a Chinese full stop between words.
func isDomain(address string) bool {
	if !strings.ContainsRune(address, '。') {
		return true
	}
	return !strings.ContainsFunc(address, func(r rune) bool { return r >= utf8.RuneSelf && r != '。' })
}

// disguised returns what is wrong with a text whose letters or figures are
// others than they seem, unless they stand so in the sources.
func disguised(text string, known func(string) bool) string {
	previous := rune(' ')
	for _, r := range text {
		mark := unicode.Is(unicode.M, r)
		if (lookalike(r) || mark && unicode.IsDigit(previous)) && !known(string(r)) {
			return "signs in place of letters or figures"
		}
		if !mark {
			previous = r
		}
	}
	if word := spelled.FindString(text); word != "" && !known(strings.TrimSpace(word)) {
		return "a word letter by letter"
	}
	for _, w := range wordsOf(text) {
		for part := range strings.FieldsFuncSeq(w.text, inner) {
			if mixesScripts(part) && !known(part) {
				return "letters of several alphabets in one word"
			}
		}
	}
	return ""
}

// lookalike reports whether a sign looks like a letter or a figure and is read
// as none by the other checks.
func lookalike(r rune) bool {
	switch {
	case r < 0x250:
		return false
	case r <= 0x2FF, r >= 0x1D00 && r <= 0x1DBF, r >= 0x249C && r <= 0x24E9, r >= 0x1D400 && r <= 0x1D7FF, r >= 0x1F100 && r <= 0x1F1FF,
		r == '💯', r == '🔟', r >= 0x20D0 && r <= 0x20F0, r >= 0x334 && r <= 0x338, r >= 0xFF21 && r <= 0xFF5A:
		return true
	case unicode.In(r, unicode.Nl, unicode.No):
		return !strings.ContainsFunc(norm.NFKC.String(string(r)), func(d rune) bool { return d >= '0' && d <= '9' })
	}
	return false
}

// mixesScripts reports whether a word holds letters of scripts that look
// alike, as in "Ореn" for "Open". Signs of units are no letters of a script.
func mixesScripts(word string) bool {
	latin, alike := false, false
	for _, r := range word {
		latin = latin || unicode.Is(unicode.Latin, r)
		alike = alike || unicode.In(r, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee) && !strings.ContainsRune("μΩπ", r)
	}
	return latin && alike
}
