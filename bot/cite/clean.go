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
	text = bullets.ReplaceAllString(text, "- ")
	text = headings.ReplaceAllString(text, "")
	text = emphasis.Replace(text)
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
	emphasis = strings.NewReplacer("**", "", "__", "", "`", "")
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
	}
	rest := text[at:]
	b.WriteString(rest)
	return strings.TrimSpace(escapeMarkers(b.String())), markers
}

var (
	// control sequences of Slack, tags and comments of HTML.
	tag = regexp.MustCompile(`<\s*[\p{L}/!?@#]`)
	// entities, which some readers decode.
	entity = regexp.MustCompile(`&(?:#\d+|#[xX][0-9a-fA-F]+|[A-Za-z]{2,8}\d{0,2});`)
	// a call of everybody or of a person.
	ping = regexp.MustCompile(`(?:^|[^\p{L}\p{N}_.+-])@[\p{L}\p{N}_]`)
	// an address with a scheme, whatever the scheme.
	scheme = regexp.MustCompile(`(?i)[a-z][a-z0-9+.-]*:(?://|\\\\)\S*|\b(?:javascript|vbscript|data|mailto|tel|file|blob|about|slack|sms):\S+|(?:^|\s)//[\p{L}\p{N}]\S*`)
	// a Markdown link or image, or the definition of one.
	markdownLink = regexp.MustCompile(`\]\s*\(|\]\s*:|!\s*\[|\]\s*\[\s*[^\]\d]`)
	// a domain or an e-mail address without a scheme.
	domain = regexp.MustCompile(`(?:[\p{L}\p{N}_%+-]+@)?(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?[.。．｡])+[\p{L}][\p{L}\p{N}-]*[\p{L}\p{N}](?:[:/?#]\S*)?`)
)

// forbidden returns what a sentence holds that must not be shown, and "" where
// there is nothing: control sequences of Slack and HTML, calls of people, and
// addresses that do not stand in the sources, which known decides.
func forbidden(text string, known func(address string) bool) string {
	folded := norm.NFKC.String(text)
	for _, t := range [...]string{text, folded} {
		switch {
		case tag.MatchString(t):
			return "markup"
		case entity.MatchString(t):
			return "an HTML entity"
		case ping.MatchString(t):
			return "a call of people"
		case markdownLink.MatchString(t):
			return "a link"
		}
		for _, address := range scheme.FindAllString(t, -1) {
			if !known(strings.TrimSpace(address)) {
				return "a link"
			}
		}
		for _, at := range domain.FindAllStringIndex(t, -1) {
			address := t[at[0]:at[1]]
			if isDomain(address) && !known(address) {
				return "an address"
			}
		}
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

// isDomain tells an address from an abbreviation (U.S., e.g) and from
// sentences that are not set apart.
func isDomain(address string) bool {
	if strings.ContainsRune(address, '@') || strings.HasPrefix(strings.ToLower(address), "www.") {
		return true
	}
	host, _, _ := strings.Cut(address, "/")
	labels := strings.FieldsFunc(host, func(r rune) bool { return strings.ContainsRune(".。．｡", r) })
	for _, l := range labels[:len(labels)-1] {
		if utf8.RuneCountInString(l) == 1 && len(host) == len(address) {
			return false
		}
	}
	ascii := true
	for _, r := range host {
		ascii = ascii && r < utf8.RuneSelf
	}
	return ascii || !strings.ContainsRune(host, '。')
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
