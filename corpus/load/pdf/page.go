package pdf

import "math"

// A page is one page of a file.
type page struct {
	dict
	number    int // from 1
	resources dict
	box       [4]float64 // left, bottom, right, top
	rotate    int        // in degrees, clockwise
}

// pages calls do for each page in order.
func (f *file) pages(do func(page) error) error {
	root := page{resources: dict{}, box: [4]float64{0, 0, 612, 792}}
	n := 0
	seen := map[ref]bool{}
	err := f.walk(f.catalog()["Pages"], root, seen, 0, func(p page) error {
		n++
		if n > maxPages {
			return ErrLarge
		}
		p.number = n
		return do(p)
	})
	switch {
	case err != nil:
		return err
	case n == 0:
		return ErrPages
	case f.mended && n < f.int(f.dict(f.catalog()["Pages"])["Count"]):
		return ErrDamaged // some are lost
	}
	return nil
}

// walk goes through the tree of pages; above is what a page inherits.
func (f *file) walk(o object, above page, seen map[ref]bool, depth int, do func(page) error) error {
	r, _ := o.(ref)
	if depth > deepest || r != (ref{}) && seen[r] {
		return nil
	}
	seen[r] = true
	d := f.dict(o)
	if d == nil {
		return nil
	}
	p := above
	p.dict = d
	if resources := f.dict(d["Resources"]); resources != nil {
		p.resources = resources
	}
	for _, key := range []name{"MediaBox", "CropBox"} {
		if b := f.numbers(d[key], 4); b != nil {
			p.box = [4]float64{min(b[0], b[2]), min(b[1], b[3]), max(b[0], b[2]), max(b[1], b[3])}
		}
	}
	if d["Rotate"] != nil {
		p.rotate = (f.int(d["Rotate"])%360 + 360) % 360
	}
	kids := f.array(d["Kids"])
	if kids == nil {
		return do(p)
	}
	for _, kid := range kids {
		if err := f.walk(kid, p, seen, depth+1, do); err != nil {
			return err
		}
	}
	return nil
}

// A matrix maps (x, y) to (a·x + c·y + e, b·x + d·y + f).
type matrix [6]float64

func (m matrix) times(n matrix) matrix {
	return matrix{
		m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3],
		m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5],
	}
}

// upright maps a page as its reader holds it, its lower left corner at (0, 0).
func (p page) upright() matrix {
	l, b, r, t := p.box[0], p.box[1], p.box[2], p.box[3]
	switch p.rotate {
	case 90:
		return matrix{0, -1, 1, 0, -b, r}
	case 180:
		return matrix{-1, 0, 0, -1, r, t}
	case 270:
		return matrix{0, 1, -1, 0, t, -l}
	}
	return matrix{1, 0, 0, 1, -l, -b}
}

// size is the width and height of a page as its reader holds it.
func (p page) size() (width, height float64) {
	width, height = p.box[2]-p.box[0], p.box[3]-p.box[1]
	if p.rotate%180 == 90 {
		return height, width
	}
	return width, height
}

// A glyph is a letter, or a few, at its place on a page.
type glyph struct {
	text   string
	left   float64
	right  float64
	base   float64 // the height of the line it stands on
	size   float64
	bold   bool
	italic bool
}

// sane reports whether numbers are such as a page has.
func sane(numbers ...float64) bool {
	for _, n := range numbers {
		if math.IsNaN(n) || math.Abs(n) > 1e6 {
			return false
		}
	}
	return true
}
