package answer

import (
	"context"
	"errors"

	openai "github.com/sashabaranov/go-openai"

	"footnote/bot"
	"footnote/retrieval/span"
)

// calling begins the span of a call of the model, by OpenTelemetry's conventions
// for generative AI. What is asked and written does not go into it.
func (m *Model) calling(ctx context.Context) (context.Context, *span.Span) {
	ctx, s := span.StartCall(ctx, "chat", m.name)
	if s == nil {
		return ctx, nil
	}
	provider := "openai" // also of servers that speak its language
	if m.server.IsAzure() {
		provider = "azure.ai.openai"
	}
	s.String("gen_ai.operation.name", "chat")
	s.String("gen_ai.provider.name", provider)
	s.String("gen_ai.request.model", m.name)
	s.String("server.address", m.server.Host())
	return ctx, s
}

// called ends it.
func called(s *span.Span, used bot.Usage, finish openai.FinishReason, err error) {
	s.Int("gen_ai.usage.input_tokens", used.Prompt)
	s.Int("gen_ai.usage.output_tokens", used.Completion)
	s.Int("gen_ai.usage.cache_read.input_tokens", used.Cached)
	s.Strings("gen_ai.response.finish_reasons", known(finish))
	if errors.Is(err, bot.ErrCutShort) { // what was written counts
		err = nil
	}
	s.Done(err)
}

// known is a reason for the end, of those that are known: a server may send any
// text for one.
func known(finish openai.FinishReason) string {
	switch finish {
	case "", openai.FinishReasonStop, openai.FinishReasonLength, openai.FinishReasonContentFilter, openai.FinishReasonToolCalls, openai.FinishReasonFunctionCall:
		return string(finish)
	}
	return "other"
}

func finishOf(response openai.ChatCompletionResponse) openai.FinishReason {
	if len(response.Choices) == 0 {
		return ""
	}
	return response.Choices[0].FinishReason
}
