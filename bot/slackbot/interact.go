package slackbot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"footnote/bot/record"
)

// An interaction is what somebody did with something of ours: pressed a button,
// submitted a form, used a shortcut.
type interaction struct {
	Type        string `json:"type"`
	Trigger     string `json:"trigger_id"`
	CallbackID  string `json:"callback_id"`
	ResponseURL string `json:"response_url"`
	Team        struct {
		ID string `json:"id"`
	} `json:"team"`
	Channel struct {
		ID string `json:"id"`
	} `json:"channel"`
	Container struct {
		MessageTS string `json:"message_ts"`
		Ephemeral bool   `json:"is_ephemeral"`
	} `json:"container"`
	User struct {
		ID string `json:"id"`
	} `json:"user"`
	Message incoming `json:"message"`
	Actions []struct {
		ID    string `json:"action_id"`
		Value string `json:"value"`
	} `json:"actions"`
	View struct {
		ID         string `json:"id"`
		CallbackID string `json:"callback_id"`
		Private    string `json:"private_metadata"`
		State      struct {
			Values map[string]map[string]fieldState `json:"values"`
		} `json:"state"`
	} `json:"view"`
}

// A fieldState is what somebody entered into one element of a form.
type fieldState struct {
	Value    string `json:"value"`
	Selected struct {
		Value string `json:"value"`
	} `json:"selected_option"`
}

// field is what was entered or chosen in a form, by the id of the element.
func (i *interaction) field(actionID string) string {
	for _, block := range i.View.State.Values {
		if f, ok := block[actionID]; ok {
			return orElse(f.Value, f.Selected.Value)
		}
	}
	return ""
}

// A response is what an interaction leads to, beyond what is on disk already.
type response struct {
	reply []byte // goes with the acknowledgement; may be empty
	// after runs once the interaction was acknowledged: Slack waits three
	// seconds for the one and as long for a modal. It may be nil, and what it
	// does must not matter when the process dies.
	after func(ctx context.Context) error
}

// A reaction does what an interaction asks for, as far as that must not be lost.
// After an error nothing is acknowledged, and the person sees that it failed.
type reaction func(ctx context.Context, i *interaction) (response, error)

// reactions are all that people can do, by the kind of interaction and by what
// stands before the colon of its id.
func (b *Bot) reactions() map[string]reaction {
	return map[string]reaction{
		"block_actions " + sourceAction:     b.pressSource,
		"block_actions " + originalAction:   b.pressOriginal,
		"block_actions " + shareAction:      b.pressShare,
		"block_actions " + againAction:      b.pressAgain,
		"block_actions " + literalAction:    b.pressLiteral,
		"block_actions " + feedbackAction:   b.pressFeedback,
		"block_actions " + stopAction:       b.pressStop,
		"message_action " + aboutShortcut:   b.useShortcut,
		"view_submission " + aboutShortcut:  b.submitAbout,
		"view_submission " + feedbackAction: b.submitFeedback,
		"block_actions " + wideAction:       b.pressWide,
		"block_actions " + usualAction:      b.pressUsual,
	}
}

// takeInteraction sees to an interaction.
func (b *Bot) takeInteraction(ctx context.Context, payload json.RawMessage) (reply []byte, err error) {
	i := &interaction{}
	if err := json.Unmarshal(payload, i); err != nil {
		b.log.WarnContext(ctx, "a malformed interaction was dropped")
		return nil, nil
	}
	react := b.reactions()[i.Type+" "+i.name()]
	if react == nil {
		return nil, nil
	}
	r, err := react(ctx, i)
	if err != nil || r.after == nil {
		return r.reply, err
	}
	started := b.inBackground(func(ctx context.Context) {
		if err := r.after(ctx); err != nil {
			b.log.WarnContext(ctx, "an interaction could not be seen to", "of", i.name(), "error", err)
		}
	})
	if !started {
		b.log.WarnContext(ctx, "a button was pressed while too much was going on")
	}
	return r.reply, nil
}

// name is what an interaction is told from others by.
func (i *interaction) name() string {
	id := i.CallbackID
	switch {
	case i.Type == "view_submission":
		id = i.View.CallbackID
	case len(i.Actions) > 0:
		id = i.Actions[0].ID
	}
	name, _, _ := strings.Cut(id, ":")
	return name
}

// turnOf is the answer that a button stands below, or record.ErrNotFound. The
// button is believed only as far as the message it stands in; of a message that
// only one person sees, Slack says no more than who that is.
func (b *Bot) turnOf(ctx context.Context, i *interaction, question int64, revision int) (record.Turn, error) {
	var turn record.Turn
	var err error
	if i.Container.Ephemeral {
		turn, err = b.ledger.Turn(ctx, question)
		if err == nil && (!private(turn.Surface) || turn.Asker != i.User.ID || turn.Channel != i.Channel.ID) {
			err = record.ErrNotFound
		}
	} else {
		turn, err = b.ledger.AnswerAt(ctx, i.Channel.ID, i.Container.MessageTS)
	}
	if err != nil {
		return record.Turn{}, err
	}
	if turn.Answer == nil || turn.ID != question || turn.Answer.Revision != revision {
		return record.Turn{}, fmt.Errorf("the answer of a button: %w", record.ErrNotFound)
	}
	return turn, nil
}

// pressed is turnOf for the first action of an interaction, whose value is that
// of answerValue. Where the answer is no longer kept, ok is false.
func (b *Bot) pressed(ctx context.Context, i *interaction) (turn record.Turn, ok bool, err error) {
	question, revision, ok := parseAnswerValue(i.Actions[0].Value)
	if !ok {
		return record.Turn{}, false, nil
	}
	turn, err = b.turnOf(ctx, i, question, revision)
	if errors.Is(err, record.ErrNotFound) {
		return record.Turn{}, false, nil
	}
	return turn, err == nil, err
}

// answerValue is what a button carries that is about an answer as a whole.
func answerValue(question int64, revision int) string {
	return fmt.Sprintf("q%d.r%d", question, revision)
}

// parseAnswerValue reads what answerValue wrote; ok is false for anything else.
func parseAnswerValue(s string) (question int64, revision int, ok bool) {
	_, err := fmt.Sscanf(s, "q%d.r%d", &question, &revision)
	if err != nil || question < 0 || revision < 0 || s != answerValue(question, revision) {
		return 0, 0, false
	}
	return question, revision, true
}
