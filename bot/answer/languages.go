package answer

import (
	"fmt"
	"slices"
	"strings"

	"footnote/retrieval"
)

// DefaultLanguages are those that questions are written in where nothing else
// is set.
const DefaultLanguages = "en,zh"

// LanguagesHint says how a list of languages is written.
const LanguagesHint = "it is a list of two-letter codes such as " + DefaultLanguages + "; docs/enrichment.md has those that are known"

// languageNames are languages that models write, by their codes in ISO 639-1.
var languageNames = map[string]string{
	"af": "Afrikaans", "ar": "Arabic", "az": "Azerbaijani", "be": "Belarusian", "bg": "Bulgarian", "bn": "Bengali", "bs": "Bosnian",
	"ca": "Catalan", "cs": "Czech", "cy": "Welsh", "da": "Danish", "de": "German", "el": "Greek", "en": "English", "eo": "Esperanto",
	"es": "Spanish", "et": "Estonian", "eu": "Basque", "fa": "Persian", "fi": "Finnish", "fr": "French", "ga": "Irish", "gl": "Galician",
	"gu": "Gujarati", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian",
	"is": "Icelandic", "it": "Italian", "ja": "Japanese", "ka": "Georgian", "kk": "Kazakh", "km": "Khmer", "kn": "Kannada", "ko": "Korean",
	"lo": "Lao", "lt": "Lithuanian", "lv": "Latvian", "mk": "Macedonian", "ml": "Malayalam", "mn": "Mongolian", "mr": "Marathi",
	"ms": "Malay", "my": "Burmese", "nb": "Norwegian Bokmål", "ne": "Nepali", "nl": "Dutch", "nn": "Norwegian Nynorsk", "no": "Norwegian",
	"pa": "Punjabi", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "si": "Sinhala", "sk": "Slovak",
	"sl": "Slovenian", "sq": "Albanian", "sr": "Serbian", "sv": "Swedish", "sw": "Swahili", "ta": "Tamil", "te": "Telugu", "th": "Thai",
	"tl": "Tagalog", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "uz": "Uzbek", "vi": "Vietnamese", "zh": "Chinese",
}

// ParseLanguages reads a list of languages, two-letter codes separated by
// commas, "" meaning [DefaultLanguages]. It returns them sorted, each once. The
// error names what is wrong; [LanguagesHint] says what to do.
func ParseLanguages(list string) ([]string, error) {
	if strings.TrimSpace(list) == "" {
		list = DefaultLanguages
	}
	var found []string
	for part := range strings.SplitSeq(list, ",") {
		code := strings.ToLower(strings.TrimSpace(part))
		if _, known := languageNames[code]; !known {
			return nil, fmt.Errorf("%q is no language that is known", strings.TrimSpace(part))
		}
		found = append(found, code)
	}
	slices.Sort(found)
	found = slices.Compact(found)
	if len(found) > retrieval.MaxLanguages {
		return nil, fmt.Errorf("%d languages are too many; up to %d can be asked for", len(found), retrieval.MaxLanguages)
	}
	return found, nil
}

// LanguageNames names languages in English, for people: "English and Chinese".
func LanguageNames(codes []string) string {
	var names []string
	for _, code := range codes {
		names = append(names, languageNames[code])
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
