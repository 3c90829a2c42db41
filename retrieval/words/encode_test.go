package words

import (
	"math"
	"slices"
	"testing"
)

func TestATableIsReadAsItWasEncoded(t *testing.T) {
	rows := []Row{{"apple", 2, []int8{3, -4}}, {"bear", 0, []int8{127, -128}}, {"zebra", 1, []int8{0, 1}}}
	table := parse(string(Encode(2, rows)))
	if table.Len() != 3 || table.Dimensions() != 2 {
		t.Fatalf("%d words of %d dimensions", table.Len(), table.Dimensions())
	}
	for n, want := range rows {
		if table.Word(n) != want.Word || table.Rank(n) != want.Rank || !slices.Equal(table.Vector(n), want.Vector) || table.Row(want.Word) != n {
			t.Errorf("row %d is %q, %d, %v; want %+v", n, table.Word(n), table.Rank(n), table.Vector(n), want)
		}
	}
	if got := table.InverseNorm(0); math.Abs(float64(got)-0.2) > 1e-7 {
		t.Errorf("the inverse norm of (3,-4) is %v", got)
	}
}

func TestDotIsTheSumOfProducts(t *testing.T) {
	for n := range 40 {
		x, y := make([]int8, n), make([]int8, n)
		want := int32(0)
		for i := range n {
			x[i], y[i] = int8(i*37), int8(i*91+5)
			want += int32(x[i]) * int32(y[i])
		}
		if got := dot(x, y); got != want {
			t.Errorf("%d components: %d, want %d", n, got, want)
		}
	}
}
