package ledger

import "time"

// A StepKind says what was done. The ledger gives the kinds no meaning of its
// own; an adapter may add to them.
type StepKind string

// The usual kinds.
const (
	StepHeard    StepKind = "heard"    // the asker was shown that the question was heard
	StepStream   StepKind = "stream"   // a stream was started; TS is its message
	StepSentence StepKind = "sentence" // a verified sentence, Number counts them, before it is appended
	StepPosting  StepKind = "posting"  // a message is about to be posted
	StepPosted   StepKind = "posted"   // it was posted, as TS in Channel
	StepRemoved  StepKind = "removed"  // a message was deleted
	StepFinished StepKind = "finished" // nothing more will be posted
)

// A Step is one thing done about a question. Kind, Purpose and Number tell it
// apart from the revision's other steps.
type Step struct {
	Kind StepKind
	// Purpose says which message or part it is about, such as "answer".
	Purpose string
	// Number counts within a purpose.
	Number int
	// Channel and TS name the message, where there is one; [Ledger.AnswerAt]
	// finds the question by them.
	Channel, TS string
	Text        string

	// Revision and At are set by the ledger.
	Revision int
	At       time.Time
}

func (s *Step) check() error {
	if err := checkName("step's kind", string(s.Kind), true); err != nil {
		return err
	}
	for _, f := range [][2]string{{"purpose", s.Purpose}, {"channel", s.Channel}, {"ts", s.TS}} {
		if err := checkName("step's "+f[0], f[1], false); err != nil {
			return err
		}
	}
	s.Text = clean(s.Text)
	return nil
}

func putStep(t *tx, question int64, revision int, s Step, now int64) error {
	_, err := t.exec(`INSERT INTO step (question_id, revision, kind, purpose, number, channel, ts, text, at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (question_id, revision, kind, purpose, number) DO UPDATE SET
			channel = excluded.channel, ts = excluded.ts, text = excluded.text, at = excluded.at`,
		question, revision, string(s.Kind), s.Purpose, s.Number, s.Channel, s.TS, s.Text, now)
	return err
}

func stepsOf(t *tx, question int64) ([]Step, error) {
	rows, err := t.rows(`SELECT kind, purpose, number, channel, ts, text, revision, at FROM step
		WHERE question_id = ? ORDER BY revision, at, kind, purpose, number`, question)
	var steps []Step
	err = each(rows, err, func() error {
		var s Step
		var at int64
		err := rows.Scan(&s.Kind, &s.Purpose, &s.Number, &s.Channel, &s.TS, &s.Text, &s.Revision, &at)
		s.At = fromMicros(at)
		steps = append(steps, s)
		return err
	})
	return steps, err
}
