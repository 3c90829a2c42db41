package ledger

import (
	"database/sql"
	"errors"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// seeTo is River's job: see to a question. It holds no text.
type seeTo struct {
	Question int64 `json:"question"`
}

// Kind names the job in the queue's table.
func (seeTo) Kind() string { return "see_to" }

// A thread is what questions are ordered by.
type thread struct{ team, channel, ts string }

func threadOf(e Entry) thread { return thread{e.Team, e.Channel, e.ThreadTS} }

// enqueue adds the question's job. A job too many does no harm.
func (l *Ledger) enqueue(t *tx, id int64) error {
	result, err := l.inserter.InsertTx(t.ctx, t.sql, seeTo{Question: id}, nil)
	if err != nil {
		return err
	}
	_, err = t.exec(`UPDATE question SET job_id = ? WHERE id = ?`+t.dialect.tell, result.Job.ID, id)
	return err
}

// enqueueHead adds a job for the question that is next in its thread, if it is
// due. Every transaction that frees a thread ends with it.
func (l *Ledger) enqueueHead(t *tx, th thread) error {
	var id, due int64
	err := t.row(`SELECT id, due_at FROM question WHERE team = ? AND channel = ? AND thread_ts = ? AND owed = 1
		ORDER BY id LIMIT 1`, th.team, th.channel, th.ts).Scan(&id, &due)
	if errors.Is(err, sql.ErrNoRows) || err == nil && due > t.now {
		return nil
	}
	if err != nil {
		return err
	}
	return l.enqueue(t, id)
}

// handBack makes jobs available again whose worker is gone. River counts a run
// as an attempt, so a job that was fetched anew meanwhile is left alone. River
// itself offers this for jobs that do not run, only.
func handBack(t *tx, job *rivertype.JobRow) (bool, error) {
	n, err := t.exec(`UPDATE river_job SET state = 'available' WHERE id = ? AND state = 'running' AND attempt = ?`+t.dialect.tell,
		job.ID, job.Attempt)
	return n > 0, err
}

var _ river.JobArgs = seeTo{}
