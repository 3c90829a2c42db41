package eval

import (
	"encoding/xml"
	"strconv"
)

// A canvas is a picture of rectangles, lines and texts. Elements that come
// later lie on top.
type canvas struct {
	XMLName  xml.Name `xml:"http://www.w3.org/2000/svg svg"`
	Class    string   `xml:"class,attr,omitempty"`
	ViewBox  string   `xml:"viewBox,attr"`
	Width    px       `xml:"width,attr"`
	Height   px       `xml:"height,attr"`
	Role     string   `xml:"role,attr"`
	Labels   string   `xml:"aria-labelledby,attr"`
	Title    note     `xml:"title"`
	Desc     note     `xml:"desc"`
	Style    *rules   `xml:"style"`
	Elements []any
}

// A note is read to those who cannot see the picture.
type note struct {
	ID   string `xml:"id,attr"`
	Text string `xml:",chardata"`
}

// rules are CSS, written as they are.
type rules struct {
	Text string `xml:",innerxml"`
}

type box struct {
	XMLName xml.Name `xml:"rect"`
	Class   string   `xml:"class,attr"`
	X       px       `xml:"x,attr"`
	Y       px       `xml:"y,attr"`
	Width   px       `xml:"width,attr"`
	Height  px       `xml:"height,attr"`
}

type stroke struct {
	XMLName xml.Name `xml:"line"`
	Class   string   `xml:"class,attr"`
	X1      px       `xml:"x1,attr"`
	Y1      px       `xml:"y1,attr"`
	X2      px       `xml:"x2,attr"`
	Y2      px       `xml:"y2,attr"`
}

type label struct {
	XMLName xml.Name `xml:"text"`
	Class   string   `xml:"class,attr"`
	X       px       `xml:"x,attr"`
	Y       px       `xml:"y,attr"`
	Text    string   `xml:",chardata"`
}

// px is a length. Its tenths are written, so that what differs between
// machines in the last bits of a figure does not show.
type px float64

func (p px) MarshalXMLAttr(name xml.Name) (xml.Attr, error) {
	s := strconv.FormatFloat(float64(p), 'f', 1, 64)
	if s == "-0.0" {
		s = "0.0"
	}
	return xml.Attr{Name: name, Value: s}, nil
}

func newCanvas(width, height px, title, desc string) *canvas {
	c := &canvas{
		ViewBox: "0 0 " + strconv.Itoa(int(width)) + " " + strconv.Itoa(int(height)), Width: width, Height: height,
		Role: "img", Labels: "title desc", Title: note{"title", title}, Desc: note{"desc", desc}, Style: &rules{diagramStyle},
	}
	c.box("paper", 0, 0, width, height)
	return c
}

// embed makes the picture part of a page that has its rules, and gives it IDs
// that it shares with no other picture of the page.
func (c *canvas) embed(class, id string) {
	c.Class, c.Style = class, nil
	c.Title.ID, c.Desc.ID = id+"-title", id+"-desc"
	c.Labels = c.Title.ID + " " + c.Desc.ID
}

func (c *canvas) box(class string, x, y, width, height px) {
	c.Elements = append(c.Elements, box{Class: class, X: x, Y: y, Width: width, Height: height})
}

func (c *canvas) line(class string, x1, y1, x2, y2 px) {
	c.Elements = append(c.Elements, stroke{Class: class, X1: x1, Y1: y1, X2: x2, Y2: y2})
}

// text writes to the right of x, unless its class says otherwise.
func (c *canvas) text(class string, x, y px, text string) {
	c.Elements = append(c.Elements, label{Class: class, X: x, Y: y, Text: text})
}

func (c *canvas) bytes() ([]byte, error) {
	out, err := xml.MarshalIndent(c, "", " ")
	return append(out, '\n'), err
}
