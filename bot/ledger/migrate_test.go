package ledger

import (
	"fmt"
	"testing"
)

// undone are the statements that take a migration back, by its version.
var undone = map[int][]string{
	4: {
		`DROP INDEX answer_created`, `ALTER TABLE answer DROP COLUMN outdated`, `ALTER TABLE question DROP COLUMN remarked`,
	},
	3: {
		`DROP TABLE report`, `DROP TABLE mark`, `DROP TABLE budget`, `DROP INDEX answer_share`, `DROP INDEX question_asker`,
		`ALTER TABLE answer DROP COLUMN share_key`, `ALTER TABLE answer DROP COLUMN reused_from`,
		`ALTER TABLE question DROP COLUMN how`, `ALTER TABLE question DROP COLUMN detail`, `ALTER TABLE question DROP COLUMN stopped`,
	},
	2: {`DROP TABLE talk`, `DROP INDEX question_channel`},
}

func TestAnOlderLedgerIsMigrated(t *testing.T) {
	for version := 1; version <= len(undone); version++ {
		t.Run(fmt.Sprint("from version ", version), func(t *testing.T) {
			url := address(t)
			l, err := Open(t.Context(), url, Options{})
			check(t, err)
			id, _ := answered(t, l, inThread(1, "9.9"), "77.1")
			for v := len(undone) + 1; v > version; v-- {
				for _, statement := range append(undone[v], fmt.Sprint(`DELETE FROM ledger_migration WHERE version = `, v)) {
					_, err := l.db.Exec(statement)
					check(t, err)
				}
			}
			check(t, l.Close())
			l = openAt(t, url, Options{})
			check(t, l.NoteTalk(t.Context(), "T1", "C1", "9.9", "1750000001.000100"))
			turn, err := l.Turn(t.Context(), id)
			if err != nil || turn.Answer == nil || turn.How != HowUsual || turn.Answer.Key != "" || turn.Answer.Outdated != nil {
				t.Errorf("%+v, %v", turn, err)
			}
			if fresh, err := l.Reask(t.Context(), id, 1, HowFresh, ""); !fresh || err != nil {
				t.Errorf("%t, %v", fresh, err)
			}
		})
	}
}
