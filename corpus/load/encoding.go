package load

import (
	"bytes"
	"fmt"
	"path"
	"strings"
	"unicode/utf8"
)

// binaryFormat names the format of a file that is not text, and says how to
// make text of it, with FILE for the file's path.
func binaryFormat(data []byte) (name, remedy string) {
	const (
		picture = "footnote reads text, not pictures"
		unpack  = "unpack it into a folder and name that"
	)
	start := func(magic string) bool { return bytes.HasPrefix(data, []byte(magic)) }
	switch {
	case start("PK\x03\x04"), start("PK\x05\x06"):
		return zipFormat(data)
	case start("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"):
		if bytes.Contains(data, []byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e")) {
			return "an Office document with a password", "open it, save it without the password, and use that file"
		}
		return "an old Office document", "save it as .docx, or: libreoffice --headless --convert-to docx FILE"
	case start(`{\rtf`):
		return "an RTF document", "make text of it: pandoc FILE -o report.md"
	case start("\x89PNG\r\n"):
		return "a PNG picture", picture
	case start("\xFF\xD8\xFF"):
		return "a JPEG picture", picture
	case start("GIF87a"), start("GIF89a"):
		return "a GIF picture", picture
	case start("RIFF") && len(data) > 12 && string(data[8:12]) == "WEBP":
		return "a WebP picture", picture
	case start("II*\x00"), start("MM\x00*"):
		return "a TIFF picture", picture
	case start("\x1F\x8B"):
		return "a gzip archive", unpack
	case start("BZh") && len(data) > 10 && string(data[4:10]) == "1AY&SY":
		return "a bzip2 archive", unpack
	case start("\xFD7zXZ\x00"):
		return "an xz archive", unpack
	case start("\x28\xB5\x2F\xFD"):
		return "a Zstandard archive", unpack
	case start("7z\xBC\xAF\x27\x1C"):
		return "a 7z archive", unpack
	case start("Rar!\x1A\x07"):
		return "a RAR archive", unpack
	case start("SQLite format 3\x00"):
		return "an SQLite database", readable()
	case start("\x7FELF"):
		return "a program", readable()
	case start("ID3"), len(data) > 8 && string(data[4:8]) == "ftyp":
		return "a recording", "footnote reads text; a transcript of it would do"
	}
	return "", ""
}

// zipFormat tells documents that are zip archives by the names inside.
func zipFormat(data []byte) (name, remedy string) {
	const pandoc = "make text of it: pandoc FILE -o report.md"
	head := data[:min(len(data), 4096)]
	tail := data[max(0, len(data)-65536):]
	holds := func(part string) bool {
		return bytes.Contains(head, []byte(part)) || bytes.Contains(tail, []byte(part))
	}
	switch {
	case holds("application/epub+zip"):
		return "an EPUB book", pandoc
	case holds("application/vnd.oasis.opendocument"):
		return "an OpenDocument file", pandoc
	case holds("xl/workbook"):
		return "an Excel workbook", "save its sheets as text"
	case holds("ppt/presentation"):
		return "a PowerPoint presentation", "save its outline as text"
	}
	return "a zip archive", "unpack it into a folder and name that"
}

// markedEncoding recognises UTF-16 and UTF-32, by their byte order mark or by
// where the zero bytes of mostly ASCII text stand.
func markedEncoding(data []byte) (name, code string) {
	switch {
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE, 0, 0}):
		return "UTF-32", "UTF-32"
	case bytes.HasPrefix(data, []byte{0, 0, 0xFE, 0xFF}):
		return "UTF-32", "UTF-32"
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}), bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
		return "UTF-16", "UTF-16"
	}
	head := data[:min(len(data), 4096)&^1]
	var zeros [2]int
	for i, c := range head {
		if c == 0 {
			zeros[i%2]++
		}
	}
	switch half := len(head) / 2; {
	case half < 4:
	case zeros[0] == 0 && zeros[1]*4 > half*3:
		return "UTF-16", "UTF-16LE"
	case zeros[1] == 0 && zeros[0]*4 > half*3:
		return "UTF-16", "UTF-16BE"
	}
	return "", ""
}

// guessEncoding names the likely encoding of text that is not UTF-8, as iconv
// knows it; "" when UTF-8 was meant and is damaged.
func guessEncoding(data []byte) string {
	var invalid, valid, pairs, kana, single int
	for i := 0; i < len(data); {
		if data[i] < utf8.RuneSelf {
			i++
			continue
		}
		if r, size := utf8.DecodeRune(data[i:]); r != utf8.RuneError || size > 1 {
			valid++
			i += size
			continue
		}
		invalid++
		i++
	}
	if valid > 4*invalid {
		return ""
	}
	for i := 0; i < len(data); i++ {
		switch lead := data[i]; {
		case lead < 0x81:
		case i+1 < len(data) && data[i+1] >= 0x40 && (lead == 0x82 || lead == 0x83) && data[i+1] != 0x7F:
			kana++
			i++
		case lead >= 0xA1 && i+1 < len(data) && data[i+1] >= 0xA1:
			pairs++
			i++
		default:
			single++
		}
	}
	switch {
	case kana > pairs && kana > single/2:
		return "SHIFT_JIS"
	case pairs > 2*single && pairs > 1:
		return "GB18030"
	}
	return "WINDOWS-1252"
}

// notUTF8 says where data first fails to be UTF-8.
func notUTF8(data []byte) string {
	at := 0
	for at < len(data) {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return fmt.Sprintf("it is not UTF-8 (line %d)", 1+bytes.Count(data[:at], []byte("\n")))
}

// misencoded is the error for text in another encoding; an empty code means
// damaged UTF-8.
func misencoded(file, problem, code string) error {
	extension := ".txt"
	if f := formatOf(file); f != nil {
		extension = path.Ext(file)
	}
	target := strings.TrimSuffix(file, extension) + ".utf8" + extension
	e := &Error{Path: file, Kind: Encoding, Problem: problem}
	switch code {
	case "":
		e.Problem += ", but nearly"
		e.Hint = fmt.Sprintf("mend the line, or leave out what is damaged: iconv -c -f UTF-8 -t UTF-8 %s > %s", quoted(file), quoted(target))
	default:
		if name := encodingName(code); name != "" {
			e.Problem += ", perhaps " + name
		}
		e.Hint = fmt.Sprintf("convert it and use the new file in its place: iconv -f %s -t UTF-8 %s > %s", code, quoted(file), quoted(target))
	}
	return e
}

// encodingName is what people call an encoding that was guessed.
func encodingName(code string) string {
	switch code {
	case "GB18030":
		return "GBK (Chinese)"
	case "SHIFT_JIS":
		return "Shift JIS (Japanese)"
	case "WINDOWS-1252":
		return "Latin-1 (Western European)"
	}
	return ""
}
