package corpus

import (
	"strings"
	"unicode/utf8"
)

// isCaption reports whether a line credits an image, names a source or labels
// a figure. A caption that is a sentence of some length tells something, and
// is a paragraph.
func isCaption(t string) bool {
	const longest = 25 // words
	t = strings.TrimLeft(t, "([*_（【")
	if countUnits(t) > longest*wordUnits || ends(strings.TrimRight(t, ")]*_）】")) && countUnits(t) > longest/2*wordUnits {
		return false
	}
	return credits(t) || figureLabel(t) && !ends(t)
}

// credits reports whether a line starts as an image credit or source does.
func credits(t string) bool {
	if label, _, ok := cutLabel(t); ok {
		switch strings.ToLower(label) {
		case "image", "images", "image source", "image credit", "image credits", "cover image", "featured image",
			"photo", "photos", "photo source", "photo credit", "photo credits", "photograph", "photographer",
			"picture", "pictures", "picture source", "picture credit", "credit", "credits", "source", "sources",
			"data source", "data sources", "chart source", "illustration", "illustrations", "graphic", "graphics",
			"screenshot", "foto", "fotos", "bild", "quelle", "quellen", "bildquelle", "fuente", "fuentes", "crédit",
			"crédits", "crédit photo", "图片来源", "图源", "来源", "资料来源", "数据来源", "图片", "图", "摄影",
			"圖片來源", "圖源", "來源", "資料來源", "數據來源", "攝影", "出典", "写真", "画像", "写真提供", "画像提供":
			return true
		}
	}
	for _, start := range [...]string{"©", "Photo by ", "Photos by ", "Photograph by ", "Image by ", "Image via ",
		"Images by ", "Illustration by ", "Image courtesy ", "Photo courtesy ", "Courtesy of ", "Picture by ",
		"图／", "图/", "文／", "文/"} {
		if strings.HasPrefix(t, start) {
			return true
		}
	}
	return false
}

// cutLabel cuts "label: rest" in two.
func cutLabel(t string) (label, rest string, ok bool) {
	const longest = 40
	n := strings.IndexAny(t, ":：")
	if n <= 0 || n > longest {
		return "", "", false
	}
	_, size := utf8.DecodeRuneInString(t[n:])
	return strings.TrimSpace(t[:n]), strings.TrimSpace(t[n+size:]), true
}

// figureLabel reports whether a line is "Figure 3: …", "Table 2", "图3 …".
func figureLabel(t string) bool {
	for _, word := range [...]string{"Figure ", "FIGURE ", "Fig. ", "Table ", "TABLE ", "Chart ", "Exhibit ", "图", "圖", "表"} {
		rest, ok := strings.CutPrefix(t, word)
		if !ok {
			continue
		}
		rest = strings.TrimLeft(rest, " ")
		n := 0
		for n < len(rest) && (asciiDigit(rest[n]) || n > 0 && (rest[n] == '.' || rest[n] == '-') && n+1 < len(rest) && asciiDigit(rest[n+1])) {
			n++
		}
		if n == 0 || n > 6 {
			return false
		}
		ascii := word[0] < utf8.RuneSelf
		return n == len(rest) || strings.ContainsRune(":.：|–—-", runeAt(rest, n)) || !ascii && (rest[n] == ' ' || strings.HasPrefix(rest[n:], "　"))
	}
	return false
}

// isByline reports whether a line says who wrote the text, or when.
func isByline(t string) bool {
	if _, _, ok := lineDate(t); ok {
		return true
	}
	if label, _, ok := cutLabel(t); ok {
		switch strings.ToLower(label) {
		case "author", "authors", "by", "written by", "editor", "editors", "edited by", "reporter", "translator",
			"version", "keywords", "作者", "编辑", "責任編輯", "责任编辑", "记者", "記者", "编者", "关键词":
			return true
		}
	}
	for _, start := range [...]string{"By ", "Written by ", "Edited by "} {
		if name, ok := strings.CutPrefix(t, start); ok {
			return len(strings.Fields(name)) <= 8 && capital(name) && !ends(name)
		}
	}
	return false
}
