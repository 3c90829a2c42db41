package answer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"time"

	openai "github.com/sashabaranov/go-openai"

	"footnote/bot"
	"footnote/retrieval/remote"
)

// usageWait is for how long what follows the end of an answer is waited for.
const usageWait = 2 * time.Second

// A streaming is one streamed call.
type streaming struct {
	model    *Model
	caller   context.Context // without the model's own limits
	request  request
	emit     func(string) error
	thoughts thoughtFilter

	used     bot.Usage
	heard    bool // of text or thoughts
	begun    bool // text was emitted
	finish   openai.FinishReason
	declined bool
	emitErr  error
}

func (s *streaming) run(ctx context.Context) (err error) {
	ctx, call := s.model.calling(ctx)
	defer func() { called(call, s.used, s.finish, err) }()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	silence := time.AfterFunc(s.model.opts.FirstToken, func() { cancel(context.DeadlineExceeded) })
	defer silence.Stop()
	stream, paid, err := s.open(ctx)
	if err != nil {
		return s.model.failure(ctx, s.request.messages, err)
	}
	defer stream.Close()
	if kind, _, _ := mime.ParseMediaType(stream.Header().Get("Content-Type")); kind != "text/event-stream" {
		return s.model.failure(ctx, s.request.messages, &remote.Fault{Kind: remote.WrongType, Detail: fmt.Sprintf("it answered with %q instead of a stream", kind)})
	}
	err = s.read(stream, silence)
	s.model.learn(&s.thoughts)
	if s.finish != "" {
		paid.settle(ctx, s.used)
	}
	if err = s.outcome(err); err == nil || err == s.emitErr || errors.Is(err, bot.ErrCutShort) {
		return err
	}
	return s.model.failure(ctx, s.request.messages, err)
}

// outcome is what the end of a stream means. Once there is a reason for it the
// answer is whole, however the connection ends.
func (s *streaming) outcome(err error) error {
	switch {
	case s.emitErr != nil:
		return s.emitErr
	case s.declined:
		return &remote.Fault{Kind: remote.Declined}
	case s.finish == openai.FinishReasonLength:
		return bot.ErrCutShort
	case s.finish == openai.FinishReasonContentFilter:
		return &remote.Fault{Kind: remote.Filtered}
	case s.finish != "":
		return s.caller.Err()
	case errors.Is(err, io.EOF):
		return &remote.Fault{Kind: remote.CutOff}
	}
	return err
}

// open starts a stream, in the dialect that the server takes.
func (s *streaming) open(ctx context.Context) (stream *openai.ChatCompletionStream, paid *bill, err error) {
	paid, err = s.model.speaking(ctx, s.request, func(ctx context.Context, d dialect) (err error) {
		r := openai.ChatCompletionRequest{Model: s.model.name, Messages: s.request.messages, Stream: true}
		d.apply(&r)
		stream, err = s.model.client.CreateChatCompletionStream(ctx, r)
		return err
	})
	return stream, paid, err
}

// read emits the text of a stream until it ends. The limit for the first token
// goes on until there is text or a thought: servers open a stream with chunks
// that have neither. While text is taken, no time passes.
func (s *streaming) read(stream *openai.ChatCompletionStream, silence *time.Timer) error {
	for {
		c, err := next(stream)
		if err != nil {
			if s.finish != "" || errors.Is(err, io.EOF) {
				s.put(s.thoughts.close(s.finish != "" && s.finish != openai.FinishReasonLength))
			}
			return err
		}
		ended := s.finish != ""
		s.heard = s.heard || c.speaks()
		if s.heard && !ended {
			silence.Stop()
		}
		if s.take(c); s.emitErr != nil || s.declined {
			return nil
		}
		switch {
		case ended:
		case s.finish != "":
			silence.Reset(min(usageWait, s.model.opts.NextToken))
		case s.heard:
			silence.Reset(s.model.opts.NextToken)
		}
	}
}

// take reads a chunk.
func (s *streaming) take(c chunk) {
	if u := c.Usage; u != nil {
		s.used = usageOf(*u)
	}
	if c.thinks() {
		s.thoughts.aside()
	}
	for _, choice := range c.Choices {
		if choice.Delta.Refusal != "" {
			s.declined = true
			return
		}
		if choice.FinishReason != "" && choice.FinishReason != openai.FinishReasonNull {
			s.finish = choice.FinishReason
		}
		s.put(s.thoughts.write(choice.Delta.Content))
	}
}

func (s *streaming) put(text string) {
	if text == "" || s.emitErr != nil {
		return
	}
	s.begun = true
	s.emitErr = s.emit(text)
}

// A chunk is an event of a stream, with what the library does not know of it.
type chunk struct {
	openai.ChatCompletionStreamResponse
	others struct {
		Object  string
		Error   json.RawMessage
		Choices []struct {
			Delta struct {
				Reasoning any // the name of OpenRouter, Ollama and newer vLLMs
			}
		}
	}
}

// next reads a chunk. An error within the stream is an [*openai.APIError].
func next(stream *openai.ChatCompletionStream) (chunk, error) {
	raw, err := stream.RecvRaw()
	if err != nil {
		return chunk{}, err
	}
	return parseChunk(raw)
}

func parseChunk(raw []byte) (chunk, error) {
	var c chunk
	malformed := &remote.Fault{Kind: remote.Broken, Detail: "a part of it is malformed"}
	if json.Unmarshal(raw, &c.others) != nil {
		return c, malformed
	}
	if failed := c.others.Error; len(failed) > 0 && string(failed) != "null" || c.others.Object == "error" {
		code, message := remote.Said(raw)
		return c, &openai.APIError{Code: code, Message: message}
	}
	if json.Unmarshal(raw, &c.ChatCompletionStreamResponse) != nil {
		return c, malformed
	}
	return c, nil
}

// thinks reports whether a chunk holds a thought apart from the text.
func (c chunk) thinks() bool {
	for _, choice := range c.Choices {
		if choice.Delta.ReasoningContent != "" {
			return true
		}
	}
	for _, choice := range c.others.Choices {
		if r := choice.Delta.Reasoning; r != nil && r != "" {
			return true
		}
	}
	return false
}

// speaks reports whether a chunk holds text or a thought.
func (c chunk) speaks() bool {
	for _, choice := range c.Choices {
		if choice.Delta.Content != "" {
			return true
		}
	}
	return c.thinks()
}
