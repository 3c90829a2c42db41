package ledger

func checkStep(s *Step) error {
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

func putStep(t *tx, question int64, revision int, s Step) error {
	_, err := t.exec(`INSERT INTO step (question_id, revision, kind, purpose, number, channel, ts, text, at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (question_id, revision, kind, purpose, number) DO UPDATE SET
			channel = excluded.channel, ts = excluded.ts, text = excluded.text, at = excluded.at`,
		question, revision, string(s.Kind), s.Purpose, s.Number, s.Channel, s.TS, s.Text, t.now)
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
