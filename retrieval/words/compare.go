package words

// A Comparison is a few rows of a table, made ready to be compared with many
// others. It is immutable.
type Comparison struct {
	table *Table
	rows  []int
	norms []float32
	// pairs holds two rows at a time, component by component: the second
	// one's is in the upper half, so that one product serves both.
	pairs [][]int64
}

// Compare makes rows ready; a row of -1 is like nothing.
func (t *Table) Compare(rows []int) *Comparison {
	c := &Comparison{table: t, rows: rows, norms: make([]float32, len(rows))}
	for i, row := range rows {
		if i%2 == 0 {
			c.pairs = append(c.pairs, make([]int64, t.dims))
		}
		if row < 0 {
			continue
		}
		c.norms[i] = t.InverseNorm(row)
		for d, v := range t.Vector(row) {
			c.pairs[i/2][d] += int64(v) << (i % 2 * 32)
		}
	}
	return c
}

// Cosines puts the similarity of a row to each of the rows that were made
// ready, as by [Table.Cosine], into out; 0 for a row of -1.
func (c *Comparison) Cosines(row int, out []float32) {
	own, norm := c.table.Vector(row), c.table.InverseNorm(row)
	for p, pair := range c.pairs {
		first, second := dot2(own, pair)
		out[2*p] = float32(first) * norm * c.norms[2*p]
		if 2*p+1 < len(c.rows) {
			out[2*p+1] = float32(second) * norm * c.norms[2*p+1]
		}
	}
	for i, other := range c.rows {
		if other == row {
			out[i] = 1
		}
	}
}

// dot2 is the inner product of a vector with both of a pair.
func dot2(x []int8, pair []int64) (first, second int32) {
	var even, odd int64
	for len(x) >= 8 && len(pair) >= 8 {
		p, q := (*[8]int8)(x), (*[8]int64)(pair)
		even += int64(p[0])*q[0] + int64(p[2])*q[2] + int64(p[4])*q[4] + int64(p[6])*q[6]
		odd += int64(p[1])*q[1] + int64(p[3])*q[3] + int64(p[5])*q[5] + int64(p[7])*q[7]
		x, pair = x[8:], pair[8:]
	}
	for i, v := range x {
		even += int64(v) * pair[i]
	}
	sum := even + odd
	first = int32(sum) // of the lower half, with its sign
	return first, int32((sum - int64(first)) >> 32)
}
