package answer

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
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
	Mend       time.Duration // for a sentence anew; 0 means 20 s
	Rewrite    time.Duration // for a question that stands alone; 0 means 15 s
	Enrich     time.Duration // for one attempt at a passage's enrichment; 0 means 3 minutes
	Logger     *slog.Logger  // nil discards
}

// A Model writes with a language model behind an OpenAI-compatible server. It
// implements [bot.Writer] and is safe for concurrent use.
type Model struct {
	client *openai.Client
	server remote.Server
	name   string
	opts   ModelOptions

	mu       sync.Mutex
	dialect  dialect
	unopened bool // it ends thoughts that no tag began
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
	opts.Mend = cmp.Or(opts.Mend, 20*time.Second)
	opts.Rewrite = cmp.Or(opts.Rewrite, 15*time.Second)
	opts.Enrich = cmp.Or(opts.Enrich, 3*time.Minute)
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
	config.HTTPClient = zeroing{opts.Client}
	config.EmptyMessagesLimit = 1 << 20 // keep-alive lines; silence has a time limit
	return &Model{client: openai.NewClientWithConfig(config), server: server, name: name, opts: opts, dialect: dialectOf(server, name), unopened: thinksAloud(name)}, nil
}

// Model names the model.
func (m *Model) Model() string { return m.name }

// Write streams an answer. Before the first text it is tried once more where
// that may help; after it, any failure ends the answer. A model that stopped
// at its limit of tokens gives [bot.ErrCutShort].
func (m *Model) Write(ctx context.Context, r bot.Request, emit func(string) error) (bot.Usage, error) {
	limited, cancel := context.WithTimeout(ctx, m.opts.Total)
	defer cancel()
	var used bot.Usage
	asked := request{writing(r), r.Purse}
	for attempt := 0; ; attempt++ {
		s := &streaming{model: m, caller: ctx, request: asked, emit: emit, thoughts: m.thoughts()}
		err := s.run(limited)
		used = s.used.Plus(used)
		if err == nil || s.begun || attempt > 0 || !passing(err) || limited.Err() != nil {
			return used, err
		}
		m.opts.Logger.InfoContext(ctx, "asking the language model again", "error", err)
	}
}

// passing reports whether a failure before the first text may be over at once.
// What the client retried already is not tried again here.
func passing(err error) bool {
	known := new(remote.Error)
	if !errors.As(err, &known) {
		return false
	}
	switch known.Kind {
	case remote.Broken, remote.CutOff, remote.WrongType:
		return true
	case remote.Overloaded:
		return known.Status < 400
	}
	return false
}

func usageOf(u openai.Usage) bot.Usage {
	used := bot.Usage{Prompt: u.PromptTokens, Completion: u.CompletionTokens}
	if u.PromptTokensDetails != nil {
		used.Cached = u.PromptTokensDetails.CachedTokens
	}
	return used
}

// A request is what is asked of a server, and who pays for it.
type request struct {
	messages []openai.ChatCompletionMessage
	purse    bot.Purse // nil where nobody counts
}

// speaking calls a server, again for each parameter that it does not take as it
// is. What it takes at last is kept. Each call is paid for ahead; the bill of
// the one that was taken is returned, to be settled when the response is read.
func (m *Model) speaking(ctx context.Context, r request, call func(context.Context, dialect) error) (*bill, error) {
	m.mu.Lock()
	d := m.dialect
	m.mu.Unlock()
	changed := map[parameter]bool{}
	for {
		paid, err := m.pay(ctx, r, d)
		if err != nil {
			return nil, err
		}
		if err = call(paid.context(ctx), d); err == nil {
			m.keep(d, len(changed) > 0)
			return paid, nil
		}
		paid.failed(ctx, statusOf(err))
		refused, ok := complaintOf(err)
		if !ok {
			return nil, err
		}
		next, param := d.adapt(m.name, refused)
		if param == "" || changed[param] {
			return nil, err
		}
		m.opts.Logger.InfoContext(ctx, "the language model's server does not take a parameter as it is", "model", m.name, "parameter", param)
		changed[param], d = true, next
	}
}

// keep makes a dialect the one for later calls.
func (m *Model) keep(d dialect, changed bool) {
	if !changed {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if d.forOnce {
		d.halvings, d.forOnce = m.dialect.halvings, false
	}
	d.thinks = d.thinks || m.dialect.thinks
	m.dialect = d
}

// thoughts returns a filter for what the model writes.
func (m *Model) thoughts() thoughtFilter {
	m.mu.Lock()
	defer m.mu.Unlock()
	return thoughtFilter{holds: m.unopened}
}

// learn keeps how the model was seen to think.
func (m *Model) learn(f *thoughtFilter) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dialect.thinks = m.dialect.thinks || f.thought
	m.unopened = m.unopened || f.unopened
}

// Mend asks for a sentence anew; "" means that it is to be dropped.
func (m *Model) Mend(ctx context.Context, r bot.Request, sentence, reason string) (string, bot.Usage, error) {
	text, used, err := m.complete(ctx, m.opts.Mend, request{mending(r, sentence, reason), r.Purse})
	switch strings.Trim(text, " .\n") {
	case "NOTHING", bot.NotFoundSign:
		text = ""
	}
	return text, used, err
}

// Rewrite asks for a follow-up question that stands alone.
func (m *Model) Rewrite(ctx context.Context, r bot.Request, history []bot.Turn) (string, bot.Usage, error) {
	return m.complete(ctx, m.opts.Rewrite, request{rewriting(r.Question, history), r.Purse})
}

// Ping asks for a word, to see whether the server, the key and the model can
// be used.
func (m *Model) Ping(ctx context.Context) error {
	_, _, err := m.complete(ctx, m.opts.FirstToken, request{messages: []openai.ChatCompletionMessage{user("Reply with the word OK.")}})
	return err
}

// complete makes a call that is not streamed.
func (m *Model) complete(ctx context.Context, limit time.Duration, asked request) (text string, used bot.Usage, err error) {
	ctx, call := m.calling(ctx)
	var finish openai.FinishReason
	defer func() { called(call, used, finish, err) }()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var response openai.ChatCompletionResponse
	paid, err := m.speaking(ctx, asked, func(ctx context.Context, d dialect) (err error) {
		r := openai.ChatCompletionRequest{Model: m.name, Messages: asked.messages}
		d.apply(&r)
		response, err = m.client.CreateChatCompletion(ctx, r)
		return err
	})
	used = usageOf(response.Usage)
	paid.settle(ctx, used)
	if err == nil {
		finish = finishOf(response)
		text, err = m.textOf(response)
	}
	if err != nil {
		return "", used, m.failure(ctx, asked.messages, err)
	}
	return text, used, nil
}

// textOf returns the text of a response without its thoughts. Whatever reason a
// server gives for the end, only two mean that the text is not whole.
func (m *Model) textOf(response openai.ChatCompletionResponse) (string, error) {
	if len(response.Choices) == 0 {
		return "", &remote.Fault{Kind: remote.Broken, Detail: "it answered with nothing"}
	}
	choice := response.Choices[0]
	thoughts := thoughtFilter{holds: true} // the text is here already: nobody waits
	if choice.Message.ReasoningContent != "" {
		thoughts.aside()
	}
	text := thoughts.write(choice.Message.Content) + thoughts.close(true)
	m.learn(&thoughts)
	switch {
	case choice.FinishReason == openai.FinishReasonLength:
		return "", &remote.Fault{Kind: remote.CutOff, Detail: "it reached its limit of tokens"}
	case choice.FinishReason == openai.FinishReasonContentFilter:
		return "", &remote.Fault{Kind: remote.Filtered}
	case choice.Message.Refusal != "":
		return "", &remote.Fault{Kind: remote.Declined}
	}
	return strings.TrimSpace(text), nil
}

// failure gives an error of the library the words and the kind that people and
// programs go by.
func (m *Model) failure(ctx context.Context, messages []openai.ChatCompletionMessage, err error) error {
	if unpaid := new(purseError); errors.As(err, &unpaid) {
		return err
	}
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		err = cause
	}
	code, message := "", ""
	// A RequestError matches *APIError too, with empty fields.
	if request := new(openai.RequestError); errors.As(err, &request) {
		code, message = remote.Said(request.Body)
	} else if api := new(openai.APIError); errors.As(err, &api) {
		code, message = remote.Code(api.Code, api.Type), api.Message
	}
	return remote.Classify(m.server, m.name, statusOf(err), code, message, err, sent(messages)...)
}

// statusOf is the status of the response that an error of the library is about;
// 0 where there was none.
func statusOf(err error) int {
	if request := new(openai.RequestError); errors.As(err, &request) {
		return request.HTTPStatusCode
	}
	if api := new(openai.APIError); errors.As(err, &api) {
		return api.HTTPStatusCode
	}
	return 0
}
