package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

const answerColumns = `a.id, a.question_id, a.revision, a.text, a.outcome, a.mode, a.refused, a.confidence, a.citations,
	a.headings, a.notice, a.understood_as, a.corpus_hash, a.model, a.prompt_tokens, a.completion_tokens, a.timings, a.created_at,
	a.share_key, a.reused_from, a.outdated`

func putAnswer(t *tx, a *Answer) error {
	// Whether an answer can be shared is no reason to lose it.
	if checkName("key", a.Key, true) != nil {
		a.Key = ""
	}
	encoded, err := encode(a.Citations, a.Headings, a.Timings)
	if err != nil {
		return err
	}
	outdated, err := encodeOutdated(a.Outdated)
	if err != nil {
		return err
	}
	refused := 0
	if a.Refused {
		refused = 1
	}
	return t.row(`INSERT INTO answer (question_id, revision, text, outcome, mode, refused, confidence, citations, headings,
			notice, understood_as, corpus_hash, model, prompt_tokens, completion_tokens, timings, created_at,
			share_key, reused_from, outdated)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (question_id, revision) DO UPDATE SET
			text = excluded.text, outcome = excluded.outcome, mode = excluded.mode, refused = excluded.refused,
			confidence = excluded.confidence, citations = excluded.citations, headings = excluded.headings,
			notice = excluded.notice, understood_as = excluded.understood_as, corpus_hash = excluded.corpus_hash,
			model = excluded.model, prompt_tokens = excluded.prompt_tokens,
			completion_tokens = excluded.completion_tokens, timings = excluded.timings, created_at = excluded.created_at,
			share_key = excluded.share_key, reused_from = excluded.reused_from, outdated = excluded.outdated
		RETURNING id`,
		a.QuestionID, a.Revision, clean(a.Text), string(a.Outcome), string(a.Mode), refused, a.Confidence, encoded[0], encoded[1],
		clean(a.Notice), clean(a.UnderstoodAs), clean(a.CorpusHash), clean(a.Model), a.PromptTokens, a.CompletionTokens,
		encoded[2], a.CreatedAt.UnixMicro(), a.Key, a.ReusedFrom, outdated).Scan(&a.ID)
}

func encode(values ...any) ([]string, error) {
	encoded := make([]string, len(values))
	for i, v := range values {
		b, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		encoded[i] = string(b)
	}
	return encoded, nil
}

// answerFields are where answerColumns are scanned to; done turns times and JSON.
func answerFields(a *Answer) (fields []any, done func() error) {
	var refused, created int64
	var citations, headings, timings, outdated string
	fields = []any{&a.ID, &a.QuestionID, &a.Revision, &a.Text, &a.Outcome, &a.Mode, &refused, &a.Confidence, &citations,
		&headings, &a.Notice, &a.UnderstoodAs, &a.CorpusHash, &a.Model, &a.PromptTokens, &a.CompletionTokens, &timings, &created,
		&a.Key, &a.ReusedFrom, &outdated}
	return fields, func() (err error) {
		a.Refused, a.CreatedAt = refused != 0, fromMicros(created)
		a.Outdated, err = decodeOutdated(outdated)
		return errors.Join(
			err,
			json.Unmarshal([]byte(citations), &a.Citations),
			json.Unmarshal([]byte(headings), &a.Headings),
			json.Unmarshal([]byte(timings), &a.Timings),
		)
	}
}

func scanAnswer(row interface{ Scan(...any) error }) (*Answer, error) {
	var a Answer
	fields, done := answerFields(&a)
	if err := row.Scan(fields...); err != nil {
		return nil, err
	}
	return &a, done()
}

// answerOf returns the answer to one revision, or nil.
func answerOf(t *tx, question int64, revision int) (*Answer, error) {
	a, err := scanAnswer(t.row(`SELECT `+answerColumns+` FROM answer a WHERE a.question_id = ? AND a.revision = ?`, question, revision))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return a, err
}

// Thread returns a thread's last turns, oldest first, deleted and pruned questions
// left out; all of them where last is 0. Where before is not 0, only questions that
// came before the one with that id are meant.
func (l *Ledger) Thread(ctx context.Context, team, channel, threadTS string, before int64, last int) ([]Turn, error) {
	turns, err := l.turns(ctx, `q.team = ? AND q.channel = ? AND q.thread_ts = ? AND q.id < ? AND q.state <> ? AND q.pruned_at = 0 ORDER BY q.id DESC LIMIT ?`,
		team, channel, threadTS, orAll(before), string(Withdrawn), limitOf(last))
	if err != nil {
		return nil, fmt.Errorf("read the thread: %w", l.dialect.explain(err))
	}
	slices.Reverse(turns)
	return turns, nil
}

// Conversation is Thread over a whole channel, for direct messages, where people
// seldom use threads: its last turns that began at or after since and came before
// the question before, oldest first.
func (l *Ledger) Conversation(ctx context.Context, team, channel string, since time.Time, before int64, last int) ([]Turn, error) {
	turns, err := l.turns(ctx, `q.team = ? AND q.channel = ? AND q.created_at >= ? AND q.id < ? AND q.state <> ? AND q.pruned_at = 0 ORDER BY q.id DESC LIMIT ?`,
		team, channel, since.UnixMicro(), orAll(before), string(Withdrawn), limitOf(last))
	if err != nil {
		return nil, fmt.Errorf("read the conversation: %w", l.dialect.explain(err))
	}
	slices.Reverse(turns)
	return turns, nil
}

// Recent returns the last n questions of all channels, newest first, deleted and
// pruned ones too; all of them where n is 0.
func (l *Ledger) Recent(ctx context.Context, n int) ([]Turn, error) {
	turns, err := l.turns(ctx, `1 = 1 ORDER BY q.id DESC LIMIT ?`, limitOf(n))
	if err != nil {
		return nil, fmt.Errorf("list the questions: %w", l.dialect.explain(err))
	}
	return turns, nil
}

// orAll is a question's id, or one that no question has yet.
func orAll(before int64) int64 {
	if before <= 0 {
		return math.MaxInt64
	}
	return before
}

// limitOf is n, or no limit to speak of.
func limitOf(n int) int {
	if n <= 0 {
		return 1 << 30
	}
	return n
}

// AnswerAt returns the turn that a message of ours belongs to, by the steps that
// name it, or ErrNotFound.
func (l *Ledger) AnswerAt(ctx context.Context, channel, ts string) (Turn, error) {
	turns, err := l.turns(ctx, `q.id = (SELECT MAX(s.question_id) FROM step s WHERE s.channel = ? AND s.ts = ? AND s.ts <> '')`, channel, ts)
	if err == nil && len(turns) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Turn{}, fmt.Errorf("look up the message: %w", l.dialect.explain(err))
	}
	return turns[0], nil
}

// turns reads in one transaction so that questions and answers agree.
func (l *Ledger) turns(ctx context.Context, where string, args ...any) ([]Turn, error) {
	var turns []Turn
	err := l.transact(ctx, func(t *tx) error {
		turns = nil
		rows, err := t.rows(`SELECT `+entryColumns+` FROM question q WHERE `+where, args...)
		err = each(rows, err, func() error {
			e, err := scanEntry(rows)
			turns = append(turns, Turn{Entry: e})
			return err
		})
		for i := 0; err == nil && i < len(turns); i++ {
			turns[i].Answer, err = latestAnswer(t, turns[i].ID)
		}
		return err
	})
	return turns, err
}

func latestAnswer(t *tx, question int64) (*Answer, error) {
	a, err := scanAnswer(t.row(`SELECT `+answerColumns+` FROM answer a WHERE a.question_id = ? ORDER BY a.revision DESC LIMIT 1`, question))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return a, err
}
