package retrieval

import (
	"math"

	"footnote/retrieval/words"
)

// meanings are vectors of short texts: the sum of their words' static vectors
// ([words.Table.AddTo]), scaled to int8. Words without a vector add nothing.
type meanings struct {
	table *words.Table
	data  []int8
	// scale turns the components into those of a unit vector; 0 for a text
	// without a vector.
	scale []float32
}

func newMeanings(table *words.Table) *meanings { return &meanings{table: table} }

// addWord adds a word to a sum of vectors.
func addWord(table *words.Table, sum []float32, row int32) {
	if row < 0 {
		return
	}
	table.AddTo(sum, int(row))
}

// add stores the vector of a text, given the sum of its words, and clears the sum.
func (m *meanings) add(sum []float32) {
	var top float32
	for _, v := range sum {
		top = max(top, v, -v)
	}
	if top == 0 {
		m.data = append(m.data, make([]int8, len(sum))...)
		m.scale = append(m.scale, 0)
		return
	}
	var squares float64
	for d, v := range sum {
		q := int8(math.Round(float64(v / top * 127)))
		squares += float64(q) * float64(q)
		m.data = append(m.data, q)
		sum[d] = 0
	}
	m.scale = append(m.scale, float32(1/math.Sqrt(squares)))
}

// cosine compares a stored text with a unit vector.
func (m *meanings) cosine(n int, unit []float32) float64 {
	if m.scale[n] == 0 {
		return 0
	}
	dims := m.table.Dimensions()
	var sum float32
	for d, v := range m.data[n*dims : (n+1)*dims] {
		sum += float32(v) * unit[d]
	}
	return float64(sum * m.scale[n])
}

// unitVector is the vector of a question's terms; all zero when none has one.
func (q *question) unitVector(table *words.Table) []float32 {
	sum := make([]float32, table.Dimensions())
	for i := range q.terms {
		addWord(table, sum, q.terms[i].row)
	}
	var squares float64
	for _, v := range sum {
		squares += float64(v) * float64(v)
	}
	if squares > 0 {
		scale := float32(1 / math.Sqrt(squares))
		for d := range sum {
			sum[d] *= scale
		}
	}
	return sum
}
