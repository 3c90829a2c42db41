package slackbot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"footnote/bot"
	"footnote/bot/record"
)

// feedbackAction is the action_id of the buttons below an answer that take
// down what people think of it, and the callback_id of the form that asks what
// was wrong.
const feedbackAction = "feedback"

// The votes, as the buttons carry them and the figures name them.
const (
	voteGood = "good"
	voteBad  = "bad"
)

// The reasons for a bad vote, as the ledger keeps them.
const (
	ReasonWrong       = "wrong"
	ReasonNotInReport = "not_in_report"
	ReasonBadlyPut    = "badly_written"
	ReasonOther       = "other"
)

// The elements of the form.
const (
	feedbackReason = "reason"
	feedbackText   = "text"
)

// feedbackButtons are below every answer that was looked up. Slack itself shows
// which one somebody pressed (docs.slack.dev, "Feedback buttons element").
func feedbackButtons(question int64, revision int, zh bool) slack.Block {
	button := func(vote, text, label string) *slack.FeedbackButton {
		return slack.NewFeedbackButton(plain(text), voteValue(question, revision, vote)).WithAccessibilityLabel(label)
	}
	return slack.NewContextActionsBlock("", slack.NewFeedbackButtonsBlockElement(feedbackAction,
		button(voteGood, pick(zh, "Helpful", "有帮助"), pick(zh, "This answer helped", "此回答有帮助")),
		button(voteBad, pick(zh, "Not helpful", "没有帮助"), pick(zh, "This answer did not help: say why", "此回答没有帮助：说明原因"))))
}

// pressFeedback takes down a vote of whoever sees the answer, in place of an
// earlier one by the same person. A bad one brings up the question what was
// wrong, which need not be answered.
func (b *Bot) pressFeedback(ctx context.Context, i *interaction) (response, error) {
	question, revision, vote, ok := parseVoteValue(i.Actions[0].Value)
	if !ok || i.User.ID == "" {
		return response{}, nil
	}
	f := record.Feedback{User: i.User.ID, Vote: 1}
	if vote == voteBad {
		f.Vote = -1
	}
	turn, err := b.turnOf(ctx, i, question, revision)
	if err == nil {
		f.AnswerID = turn.Answer.ID
		err = b.ledger.Feedback(ctx, f)
	}
	if errors.Is(err, record.ErrNotFound) {
		return response{after: b.tell(i.ResponseURL, answerChanged(bot.InChinese(i.Message.Text)))}, nil
	}
	if err != nil {
		return response{}, fmt.Errorf("take down a vote: %w", err)
	}
	b.metrics.feedback.WithLabelValues(vote).Inc()
	if vote == voteGood {
		return response{}, nil
	}
	return response{after: func(ctx context.Context) error {
		return b.openModal(ctx, i, feedbackModal(f.AnswerID, bot.InChinese(turn.Text)))
	}}, nil
}

// A feedbackForm is what the form remembers of the answer.
type feedbackForm struct {
	Answer  int64 `json:"answer"`
	Chinese bool  `json:"chinese,omitempty"`
}

func feedbackModal(answer int64, zh bool) slack.ModalViewRequest {
	option := func(reason, english, chinese string) *slack.OptionBlockObject {
		return slack.NewOptionBlockObject(reason, plain(pick(zh, english, chinese)), nil)
	}
	reasons := slack.NewRadioButtonsBlockElement(feedbackReason,
		option(ReasonWrong, "The answer is wrong", "回答有误"),
		option(ReasonNotInReport, "The report does not say that", "报告中没有这个内容"),
		option(ReasonBadlyPut, "It is badly written", "表述不清"),
		option(ReasonOther, "Something else", "其他原因"))
	text := slack.NewPlainTextInputBlockElement(nil, feedbackText)
	text.Multiline, text.MaxLength = true, maxElement
	words := slack.NewInputBlock("words", plain(pick(zh, "In your own words", "补充说明")), nil, text)
	words.Optional = true
	view := modal(zh, pick(zh, "Help me do better", "帮我改进"),
		slack.NewInputBlock("why", plain(pick(zh, "What was wrong?", "哪里不对？")), nil, reasons), words)
	view.CallbackID, view.Submit = feedbackAction, plain(pick(zh, "Send", "提交"))
	view.Close = plain(pick(zh, "Skip", "跳过"))
	if kept, err := json.Marshal(feedbackForm{answer, zh}); err == nil {
		view.PrivateMetadata = string(kept)
	}
	return view
}

// submitFeedback adds to a bad vote why it is bad.
func (b *Bot) submitFeedback(ctx context.Context, i *interaction) (response, error) {
	var form feedbackForm
	if json.Unmarshal([]byte(i.View.Private), &form) != nil || form.Answer == 0 || i.User.ID == "" {
		b.log.WarnContext(ctx, "a form of unknown origin was dropped")
		return response{}, nil
	}
	f := record.Feedback{
		AnswerID: form.Answer, User: i.User.ID, Vote: -1,
		Reason: knownReason(i.field(feedbackReason)), Text: strings.TrimSpace(i.field(feedbackText)),
	}
	err := b.ledger.Feedback(ctx, f)
	if errors.Is(err, record.ErrNotFound) {
		reply, err := json.Marshal(map[string]any{"response_action": "update", "view": goneModal(answerChanged(form.Chinese))})
		return response{reply: reply}, err
	}
	if err != nil {
		return response{}, fmt.Errorf("take down why a vote is bad: %w", err)
	}
	return response{}, nil
}

func knownReason(reason string) string {
	switch reason {
	case ReasonWrong, ReasonNotInReport, ReasonBadlyPut:
		return reason
	}
	return ReasonOther
}

func answerChanged(zh bool) string {
	return pick(zh, "This answer has changed since, or is no longer kept, so your vote was not taken down. Please vote on the answer as it stands now.",
		"此回答已有变化或已不再保留，因此您的评价未被记录。请对当前的回答进行评价。")
}

// voteValue is what a vote's button carries.
func voteValue(question int64, revision int, vote string) string {
	return answerValue(question, revision) + "." + vote
}

// parseVoteValue reads what voteValue wrote; ok is false for anything else.
func parseVoteValue(s string) (question int64, revision int, vote string, ok bool) {
	at := strings.LastIndexByte(s, '.')
	if at < 0 {
		return 0, 0, "", false
	}
	vote = s[at+1:]
	question, revision, ok = parseAnswerValue(s[:at])
	return question, revision, vote, ok && (vote == voteGood || vote == voteBad)
}
