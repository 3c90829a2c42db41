package pdf

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"
)

// write makes a file of objects, numbered from 1. The first is the catalog.
func write(objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	var offsets []int
	for i, o := range objects {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	table := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, at := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, table)
	return b.Bytes()
}

// onePage makes a file of one page that shows content, in Times as /F and
// Times-Bold as /B, with objects that it may use, numbered from 7.
func onePage(content string, more ...string) []byte {
	return write(append([]string{
		"<</Type/Catalog/Pages 2 0 R>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F 5 0 R/B 6 0 R/G 7 0 R>>/XObject<</X 7 0 R>>>>>>",
		streamOf(content),
		"<</Type/Font/Subtype/Type1/BaseFont/Times-Roman/Encoding/WinAnsiEncoding>>",
		"<</Type/Font/Subtype/Type1/BaseFont/Times-Bold/Encoding/WinAnsiEncoding>>",
	}, more...)...)
}

func streamOf(content string, keys ...string) string {
	return fmt.Sprintf("<</Length %d%s>>stream\n%s\nendstream", len(content), strings.Join(keys, ""), content)
}

func deflated(content []byte) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	w.Write(content)
	w.Close()
	return b.String()
}

// lines is content that shows lines, from the top of a page.
func lines(texts ...string) string {
	var b strings.Builder
	b.WriteString("BT /F 10 Tf 12 TL 50 700 Td\n")
	for _, text := range texts {
		fmt.Fprintf(&b, "(%s) Tj T*\n", text)
	}
	b.WriteString("ET\n")
	return b.String()
}

// show lists blocks, one a line.
func show(d Document) string {
	var b strings.Builder
	for _, block := range d.Blocks {
		fmt.Fprintf(&b, "%d:", block.Page)
		if block.Level > 0 {
			fmt.Fprintf(&b, " %s", strings.Repeat("#", block.Level))
		}
		if block.Columns != "" {
			fmt.Fprintf(&b, " [%s]", block.Columns)
		}
		fmt.Fprintf(&b, " %s\n", block.Text)
	}
	return b.String()
}
