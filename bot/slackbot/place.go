package slackbot

import (
	"context"
	"encoding/json"

	"footnote/bot/record"
)

// The surfaces where questions are asked, and what else is seen to as one.
const (
	surfaceMention  = "mention"
	surfaceFollowUp = "follow-up"
	surfaceDirect   = "direct"
	surfaceCommand  = "command"  // a slash command: only the asker sees the answer
	surfaceShortcut = "shortcut" // a message's shortcut, likewise
	surfaceAbout    = "about"    // a message's shortcut, answered in the message's thread
	surfaceShare    = "share"    // a private answer that its asker shows to the channel
	surfaceReport   = "report"   // what a channel is answered from was chosen
)

// private reports whether only the asker sees the answer.
func private(surface string) bool { return surface == surfaceCommand || surface == surfaceShortcut }

// inThread reports whether the answer stands in the question's thread, which
// shows a status and may be streamed to.
func standsInThread(surface string) bool {
	return !private(surface) && surface != surfaceShare && surface != surfaceReport
}

// unseen reports whether nobody sees the question beside its answer, which then
// has to say what was asked.
func unseen(surface string) bool {
	return private(surface) || surface == surfaceAbout || surface == surfaceShare
}

// A detail is what a question's answering needs beyond the question; the ledger
// keeps it as it is.
type detail struct {
	// ResponseURL takes a private answer, for half an hour; Replace says that
	// it replaces the message that a button was pressed in.
	ResponseURL string `json:"response_url,omitempty"`
	Replace     bool   `json:"replace,omitempty"`
	// Shares and Revision name the answer that is shown to the channel.
	Shares   int64 `json:"shares,omitempty"`
	Revision int   `json:"revision,omitempty"`
	// Files came with the question: reports that are handed in.
	Files files `json:"files,omitempty"`
	// Choice is what the channel is to be answered from.
	Choice *choice `json:"choice,omitempty"`
}

// String is how a detail is kept.
func (d detail) String() string {
	b, err := json.Marshal(d)
	if err != nil {
		return ""
	}
	return string(b)
}

// detailOf reads what String wrote; of anything else nothing is known.
func detailOf(e record.Entry) detail {
	var d detail
	if json.Unmarshal([]byte(e.Detail), &d) != nil {
		return detail{}
	}
	return d
}

// record puts what no message stands for into the ledger, and counts it.
func (b *Bot) record(ctx context.Context, q record.Question) (fresh bool, err error) {
	ctx, receive := receiving(ctx, q.Key, 1, q.Surface)
	_, fresh, err = b.ledger.Put(ctx, q)
	receive.Bool("footnote.question.fresh", fresh)
	if fresh {
		b.metrics.questions.WithLabelValues(q.Surface).Inc()
	}
	return fresh, err
}

// recordAgain has a revision of a question answered once more, and counts it.
func (b *Bot) recordAgain(ctx context.Context, e record.Entry, revision int, how record.How, detail string) (fresh bool, err error) {
	ctx, receive := receiving(ctx, e.Key, revision+1, e.Surface)
	fresh, err = b.ledger.Reask(ctx, e.ID, revision, how, detail)
	receive.Bool("footnote.question.fresh", fresh)
	if fresh {
		b.metrics.questions.WithLabelValues(e.Surface).Inc()
	}
	return fresh, err
}
