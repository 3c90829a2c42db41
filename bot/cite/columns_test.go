package cite

import (
	"testing"

	"footnote/corpus"
)

// rowChecker returns a checker in which [1], [2], … cite the rows of a table.
func rowChecker(t *testing.T, columns string, rows ...string) *Checker {
	t.Helper()
	d := corpus.Document{Name: "prices.csv", Title: "Prices", TitleInferred: true}
	for i, row := range rows {
		d.Blocks = append(d.Blocks, corpus.Block{Number: i + 1, Start: len(d.Text), End: len(d.Text) + len(row), Columns: columns})
		d.Text += row + "\n"
	}
	c, err := corpus.New(d)
	if err != nil {
		t.Fatal(err)
	}
	return NewChecker(c, "", c.Passages)
}

func TestRowsAreCheckedWithTheirColumns(t *testing.T) {
	const (
		tools  = "Item | Maker | Price (EUR) | Weight (kg) | Sales in thousands of euros | Share, %"
		drill  = "Cordless drill | Brandt | 129.00 | 5 | 310 | 12"
		budget = "Department | Head | 2025 | 2026 | Change"
		clerk  = "Library | Samuel Oyelaran | 1,480 | 1,535 | +3.7%"
	)
	for _, tt := range []struct {
		name, columns, row, sentence string
		want                         FaultKind
	}{
		{"a unit above", tools, drill, "The cordless drill weighs 5 kg [1].", ""},
		{"a currency above", tools, drill, "The price of the cordless drill is 129 EUR [1].", ""},
		{"a currency by its sign", tools, drill, "The price of the cordless drill is €129 [1].", ""},
		{"thousands above", tools, drill, "Sales of the cordless drill were 310 thousand euros [1].", ""},
		{"a percentage above", tools, drill, "The share of the cordless drill is 12% [1].", ""},
		{"another unit", tools, drill, "The cordless drill weighs 5 tons [1].", FaultNumber},
		{"another number", tools, drill, "The cordless drill weighs 6 kg [1].", FaultNumber},
		{"a column that is a year", budget, clerk, "The library gets 1,535 in 2026 [1].", ""},
		{"two of them", budget, clerk, "The library got 1,480 in 2025 and gets 1,535 in 2026 [1].", ""},
		{"the wrong column", budget, clerk, "The library gets 1,535 in 2025 [1].", FaultNumber},
		{"a year without a column", budget, clerk, "The library gets 1,535 in 2027 [1].", FaultNumber},
		{"edges", "| " + budget + " |", "| " + clerk + " |", "The head of the library is Samuel Oyelaran [1].", ""},
		{"words of the names", budget, clerk, "The department's change was +3.7% [1].", ""},
		{"Chinese", "城市 | 人口（万） | 面积（平方公里）", "苏州 | 1295.8 | 8657", "苏州人口为1295.8万 [1]。", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := rowChecker(t, tt.columns, tt.row).Check(tt.sentence)
			switch {
			case tt.want == "" && !v.Holds():
				t.Errorf("%q: %s", tt.sentence, v.Reasons())
			case tt.want != "" && (len(v.Faults) == 0 || v.Faults[0].Kind != tt.want):
				t.Errorf("%q: %+v, want %s", tt.sentence, v.Faults, tt.want)
			}
			if tt.want == "" && len(v.cited) > 0 && (v.cited[0].Start != 0 || v.cited[0].End != len(tt.row)) {
				t.Errorf("%q cites %d–%d, not the row", tt.sentence, v.cited[0].Start, v.cited[0].End)
			}
		})
	}
}
