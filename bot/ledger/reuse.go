package ledger

import (
	"context"
	"fmt"

	"footnote/bot"
)

// Turn returns a question with the answer to its current revision, nil while
// there is none, or fails with ErrNotFound.
func (l *Ledger) Turn(ctx context.Context, id int64) (Turn, error) {
	var turn Turn
	err := l.inTx(ctx, "look up the question", func(t *tx) error {
		e, err := scanEntry(t.row(`SELECT `+entryColumns+` FROM question q WHERE q.id = ?`, id))
		if err != nil {
			return err
		}
		turn.Entry = e
		turn.Answer, err = answerOf(t, id, e.Revision)
		return err
	})
	if err != nil {
		return Turn{}, err
	}
	return turn, nil
}

// Asked returns the last n questions of a person, newest first, deleted and pruned
// ones left out; all of them where n is 0.
func (l *Ledger) Asked(ctx context.Context, team, asker string, n int) ([]Turn, error) {
	if err := checkName("asker", asker, true); err != nil {
		return nil, err
	}
	turns, err := l.turns(ctx, `q.team = ? AND q.asker = ? AND q.state <> ? AND q.pruned_at = 0 ORDER BY q.id DESC LIMIT ?`,
		team, asker, string(Withdrawn), limitOf(n))
	if err != nil {
		return nil, fmt.Errorf("list the person's questions: %w", l.dialect.explain(err))
	}
	return turns, nil
}

// Reusable returns up to n turns whose answers may be given to a question with the
// same key, newest first: current answers of the same corpus and model that looked
// something up, to the end, repeat no other and were not voted down by anybody, nor
// was any answer that repeats them.
func (l *Ledger) Reusable(ctx context.Context, team, key, corpusHash, model string, n int) ([]Turn, error) {
	if key == "" {
		return nil, nil
	}
	turns, err := l.turns(ctx, `q.team = ? AND q.state <> ? AND q.pruned_at = 0 AND q.stopped <> q.revision
			AND q.id IN (SELECT a.question_id FROM answer a JOIN question c ON c.id = a.question_id AND c.revision = a.revision
				WHERE a.share_key = ? AND a.share_key <> '' AND a.corpus_hash = ? AND a.model = ? AND a.reused_from = 0
				AND a.outcome IN (?, ?, ?)
				AND NOT EXISTS (SELECT 1 FROM feedback f JOIN answer r ON r.id = f.answer_id
					WHERE f.vote < 0 AND (r.id = a.id OR r.reused_from = a.id)))
		ORDER BY (SELECT MAX(a.id) FROM answer a WHERE a.question_id = q.id) DESC LIMIT ?`,
		team, string(Withdrawn), key, corpusHash, model,
		string(bot.Answered), string(bot.Uncertain), string(bot.NotFound), limitOf(n))
	if err != nil {
		return nil, fmt.Errorf("look for an answer to share: %w", l.dialect.explain(err))
	}
	return turns, nil
}
