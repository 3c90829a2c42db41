package answer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strings"
	"sync"
	"time"

	openai "github.com/sashabaranov/go-openai"

	"footnote/bot"
	"footnote/retrieval/remote"
)

// DefaultModel answers where FOOTNOTE_CHAT_MODEL names no other.
const DefaultModel = openai.GPT6Luna

// azureVersion is the last version of Azure's classic interface that is
// generally available; the library's own default is from 2023.
const azureVersion = "2024-10-21"

// ModelOptions configure a [Model]; the zero value means the defaults.
type ModelOptions struct {
	Client     *http.Client  // nil means remote.NewClient's
	FirstToken time.Duration // from the request to the first text; 0 means 90 s
	NextToken  time.Duration // between two pieces of text; 0 means 30 s
	Total      time.Duration // for one answer; 0 means 4 minutes
	Logger     *slog.Logger  // nil discards
}

// A Model writes with a language model behind an OpenAI-compatible server. It
// implements [bot.Writer] and is safe for concurrent use.
type Model struct {
	client *openai.Client
	server remote.Server
	name   string
	opts   ModelOptions

	mu      sync.Mutex
	dialect dialect
}

// NewModel returns a writer for a model, "" meaning [DefaultModel], on a
// server. It fails for settings that cannot work, and calls nobody.
func NewModel(server remote.Server, name string, opts ModelOptions) (*Model, error) {
	if err := server.Check(); err != nil {
		return nil, err
	}
	opts.FirstToken = cmp.Or(opts.FirstToken, 90*time.Second)
	opts.NextToken = cmp.Or(opts.NextToken, 30*time.Second)
	opts.Total = cmp.Or(opts.Total, 4*time.Minute)
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.Client == nil {
		opts.Client = remote.NewClient(remote.Options{Logger: opts.Logger, FirstByte: opts.FirstToken})
	}
	name = cmp.Or(name, DefaultModel)
	config := openai.DefaultConfig(server.Key)
	if server.IsAzure() {
		config = openai.DefaultAzureConfig(server.Key, server.BaseURL())
		config.APIVersion = cmp.Or(server.APIVersion, azureVersion)
		config.AzureModelMapperFunc = func(model string) string { return model }
	} else {
		config.BaseURL = server.BaseURL()
	}
	config.HTTPClient = opts.Client
	config.EmptyMessagesLimit = 1 << 20 // keep-alive lines; silence has a time limit
	return &Model{client: openai.NewClientWithConfig(config), server: server, name: name, opts: opts, dialect: dialectOf(server, name)}, nil
}

// Model names the model.
func (m *Model) Model() string { return m.name }

// A brokenError is a response that cannot be used though no error came with it.
type brokenError string

func (e brokenError) Error() string { return string(e) }

// errCutOff is a stream that ended without a reason to finish.
const errCutOff = brokenError("the answer was cut off")

// Write streams an answer. Before the first text it is tried once more where
// that may help; after it, any failure ends the answer. A model that stopped
// at its limit of tokens gives [bot.ErrCutShort].
func (m *Model) Write(ctx context.Context, r bot.Request, emit func(string) error) (bot.Usage, error) {
	ctx, cancel := context.WithTimeout(ctx, m.opts.Total)
	defer cancel()
	var used bot.Usage
	messages := writing(r)
	for attempt := 0; ; attempt++ {
		s := &streaming{model: m, emit: emit}
		err := s.run(ctx, messages)
		used = s.used.Plus(used)
		if err == nil || s.begun || attempt > 0 || !passing(err) || ctx.Err() != nil {
			return used, err
		}
		m.opts.Logger.InfoContext(ctx, "asking the language model again", "error", err)
	}
}

// passing reports whether a failure before the first text may be over at once.
// What the client retried already is not tried again here.
func passing(err error) bool {
	known := new(remote.Error)
	return errors.As(err, &known) && (known.Kind == remote.Broken || known.Kind == remote.Overloaded && known.Status == 0)
}

// A streaming is one streamed call.
type streaming struct {
	model    *Model
	emit     func(string) error
	thoughts thoughtFilter
	used     bot.Usage
	begun    bool // text was emitted
	emitErr  error
}

func (s *streaming) run(ctx context.Context, messages []openai.ChatCompletionMessage) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	silence := time.AfterFunc(s.model.opts.FirstToken, func() { cancel(context.DeadlineExceeded) })
	defer silence.Stop()
	stream, err := s.open(ctx, messages)
	if err != nil {
		return s.model.failure(ctx, err)
	}
	defer stream.Close()
	if kind, _, _ := mime.ParseMediaType(stream.Header().Get("Content-Type")); kind != "text/event-stream" {
		return s.model.failure(ctx, brokenError(fmt.Sprintf("it answered with %q instead of a stream", kind)))
	}
	finish, err := s.read(stream, silence)
	switch {
	case s.emitErr != nil:
		return s.emitErr
	case finish == openai.FinishReasonLength:
		return bot.ErrCutShort
	case finish == openai.FinishReasonContentFilter:
		return s.model.failure(ctx, brokenError("its content filter stopped the answer"))
	case finish != "" && (err == nil || errors.Is(err, io.EOF)):
		return nil
	case err == nil || errors.Is(err, io.EOF):
		return s.model.failure(ctx, errCutOff)
	}
	return s.model.failure(ctx, err)
}

// open starts a stream, in the dialect that the server takes.
func (s *streaming) open(ctx context.Context, messages []openai.ChatCompletionMessage) (stream *openai.ChatCompletionStream, err error) {
	err = s.model.speaking(func(d dialect) error {
		r := openai.ChatCompletionRequest{Model: s.model.name, Messages: messages, Stream: true}
		d.apply(&r)
		stream, err = s.model.client.CreateChatCompletionStream(ctx, r)
		return err
	})
	return stream, err
}

// read emits the text of a stream and returns why the model finished.
func (s *streaming) read(stream *openai.ChatCompletionStream, silence *time.Timer) (openai.FinishReason, error) {
	var finish openai.FinishReason
	for {
		chunk, err := stream.Recv()
		if err != nil {
			if finish != "" || errors.Is(err, io.EOF) {
				s.put(s.thoughts.close())
			}
			return finish, err
		}
		silence.Reset(s.model.opts.NextToken)
		if u := chunk.Usage; u != nil {
			s.used = usageOf(*u)
		}
		for _, choice := range chunk.Choices {
			if choice.Delta.Refusal != "" {
				return "", brokenError("it declined to answer")
			}
			if choice.FinishReason != "" && choice.FinishReason != openai.FinishReasonNull {
				finish = choice.FinishReason
			}
			if s.put(s.thoughts.write(choice.Delta.Content)); s.emitErr != nil {
				return finish, s.emitErr
			}
		}
	}
}

func (s *streaming) put(text string) {
	if text == "" || s.emitErr != nil {
		return
	}
	s.begun = true
	s.emitErr = s.emit(text)
}

func usageOf(u openai.Usage) bot.Usage {
	used := bot.Usage{Prompt: u.PromptTokens, Completion: u.CompletionTokens}
	if u.PromptTokensDetails != nil {
		used.Cached = u.PromptTokensDetails.CachedTokens
	}
	return used
}

// speaking calls a server, again for each parameter that it does not take.
func (m *Model) speaking(call func(dialect) error) error {
	for {
		m.mu.Lock()
		d := m.dialect
		m.mu.Unlock()
		err := call(d)
		var refused *openai.APIError
		if err == nil || !errors.As(err, &refused) || refused.HTTPStatusCode != http.StatusBadRequest && refused.HTTPStatusCode != http.StatusUnprocessableEntity {
			return err
		}
		next, changed := d.adapt(refused)
		if !changed {
			return err
		}
		m.opts.Logger.Info("the language model's server does not take a parameter", "model", m.name, "error", refused.Message)
		m.mu.Lock()
		m.dialect = next
		m.mu.Unlock()
	}
}

// Mend asks for a sentence anew; "" means that it is to be dropped.
func (m *Model) Mend(ctx context.Context, r bot.Request, sentence, reason string) (string, bot.Usage, error) {
	text, used, err := m.complete(ctx, mending(r, sentence, reason))
	switch strings.Trim(text, " .\n") {
	case "NOTHING", bot.NotFoundSign:
		text = ""
	}
	return text, used, err
}

// Rewrite asks for a follow-up question that stands alone.
func (m *Model) Rewrite(ctx context.Context, question string, history []bot.Turn) (string, bot.Usage, error) {
	return m.complete(ctx, rewriting(question, history))
}

// Ping asks for a word, to see whether the server, the key and the model can
// be used.
func (m *Model) Ping(ctx context.Context) error {
	_, _, err := m.complete(ctx, []openai.ChatCompletionMessage{user("Reply with the word OK.")})
	return err
}

// complete makes a call that is not streamed.
func (m *Model) complete(ctx context.Context, messages []openai.ChatCompletionMessage) (string, bot.Usage, error) {
	ctx, cancel := context.WithTimeout(ctx, m.opts.FirstToken)
	defer cancel()
	var response openai.ChatCompletionResponse
	err := m.speaking(func(d dialect) (err error) {
		r := openai.ChatCompletionRequest{Model: m.name, Messages: messages}
		d.apply(&r)
		response, err = m.client.CreateChatCompletion(ctx, r)
		return err
	})
	used := usageOf(response.Usage)
	if err == nil && len(response.Choices) == 0 {
		err = brokenError("it answered with nothing")
	}
	if err != nil {
		return "", used, m.failure(ctx, err)
	}
	choice := response.Choices[0]
	if choice.FinishReason != openai.FinishReasonStop {
		return "", used, m.failure(ctx, errCutOff)
	}
	var thoughts thoughtFilter
	text := thoughts.write(choice.Message.Content) + thoughts.close()
	return strings.TrimSpace(text), used, nil
}

// failure gives an error of the library the words and the kind that people and
// programs go by.
func (m *Model) failure(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		err = cause
	}
	status, code, message := 0, "", ""
	if broken := brokenError(""); errors.As(err, &broken) {
		message = string(broken)
	}
	// A RequestError matches *APIError too, with empty fields.
	if request := new(openai.RequestError); errors.As(err, &request) {
		status, message = request.HTTPStatusCode, strings.TrimSpace(string(request.Body))
	} else if api := new(openai.APIError); errors.As(err, &api) {
		status, message = api.HTTPStatusCode, api.Message
		code = fmt.Sprint(cmp.Or(api.Code, any(api.Type)))
	}
	return remote.Classify(m.server, m.name, status, code, message, err)
}
