package eval

// Reliability says whether the confidence of the answers that people see can
// be taken at its word. What counts is an answer given: it is right when it
// holds the answer strings, as in Result.Answer, and wrong when the question
// should have been refused. Refused questions are no answers and are counted
// apart; so are those that failed, in Result.Errors.
//
// A suite has as many unanswerable questions as its author wrote, and people
// ask another share, which nobody knows. So there are two curves. In each bin
// the true share that is right lies between them for every mixture from no
// unanswerable questions at all to as many as the suite has, provided that
// each sort of question is like the suite's. Answers is the one to quote: who
// reads an answer does not know whether the question could be answered, and
// an adversarial suite errs towards too few right. Answerable alone flatters,
// since it leaves out every answer that should not have been given.
//
// The intervals take answers as independent. Questions about one passage are
// not quite, so the intervals are somewhat too narrow.
type Reliability struct {
	// Answers are all answers given, each with the weight 1.
	Answers Calibration `json:"answers"`
	// Answerable are the answers to answerable questions alone.
	Answerable Calibration `json:"answerable"`
	// Refused counts the questions refused, RefusedAnswerable those of them
	// that the corpus answers.
	Refused           int `json:"refused"`
	RefusedAnswerable int `json:"refused_answerable"`
}

func reliability(outcomes []outcome) Reliability {
	var r Reliability
	var all, answerable []outcome
	for _, o := range outcomes {
		switch {
		case o.refused:
			r.Refused++
			if o.answerable {
				r.RefusedAnswerable++
			}
		case o.answered:
			all = append(all, o)
			if o.answerable {
				answerable = append(answerable, o)
			}
		}
	}
	r.Answers, r.Answerable = calibrate(all), calibrate(answerable)
	return r
}
