package embed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/sashabaranov/go-openai"
	"golang.org/x/sync/errgroup"

	"footnote/retrieval"
	"footnote/retrieval/remote"
)

// Interfaces that an index asks for.
var (
	_ retrieval.Embedder      = (*Remote)(nil)
	_ retrieval.Batcher       = (*Remote)(nil)
	_ retrieval.Estimator     = (*Remote)(nil)
	_ retrieval.QueryEmbedder = (*Remote)(nil)
)

// RemoteOptions configure a [Remote]; the zero value means the defaults.
type RemoteOptions struct {
	// Dimensions are asked of the model, for one that can give fewer than its
	// own; 0 leaves them to the model.
	Dimensions int
	// Folder is where the dimensions of a model are remembered once they are
	// learnt; with "" they are learnt by each NewRemote.
	Folder string
	// Parallel is how many requests run at once; 0 means 4.
	Parallel int
	// Client makes the requests; nil means one of remote.NewClient.
	Client *http.Client
	// Limit is for one attempt at a request, its response included, if the
	// client is one of remote.NewClient; 0 means 2 minutes. A question's
	// context sets a shorter one.
	Limit time.Duration
	// Patience is for how long in all such a client waits for a request for
	// passages where the server asks it to; 0 means 3 minutes, since limits
	// are mostly by the minute.
	Patience time.Duration
	Logger   *slog.Logger // nil discards
}

// Remote embeds with a model server that speaks as OpenAI does: OpenAI, Azure,
// Ollama, vLLM, llama.cpp and others. It is safe for concurrent use. Its
// errors are [*remote.Error], or a [*DimensionsError].
type Remote struct {
	client     *openai.Client
	server     remote.Server
	model      string
	prompts    prompts
	limits     limits
	asked      int // dimensions in each request; 0 for none
	dimensions int
	parallel   int
	memory     *dimensionsMemory
	job, query remote.Pace
	most       atomic.Int64 // texts in a request, as its refusals taught; 0 for no limit
}

// azureVersion is the last version of Azure's classic interface that is not a
// preview.
const azureVersion = "2024-10-21"

// ModelSetting is the environment variable that names the model.
const ModelSetting = "FOOTNOTE_EMBED_MODEL"

// NewRemote returns an embedder by a server's model. It calls the server only
// where neither OpenAI's documentation nor the folder says how many dimensions
// the model has.
func NewRemote(ctx context.Context, server remote.Server, model string, o RemoteOptions) (*Remote, error) {
	if err := server.Check(); err != nil {
		return nil, err
	}
	if o.Client == nil {
		o.Client = remote.NewClient(remote.Options{Logger: o.Logger})
	}
	r := &Remote{
		client: newClient(server, o.Client), server: server, model: model, prompts: promptsOf(model),
		limits: limitsOf(model), asked: o.Dimensions, dimensions: o.Dimensions, parallel: cmp.Or(o.Parallel, 4),
		query: remote.Pace{Attempt: cmp.Or(o.Limit, 2*time.Minute)},
	}
	r.job = remote.Pace{Attempt: r.query.Attempt, Patience: cmp.Or(o.Patience, 3*time.Minute)}
	if r.dimensions == 0 {
		r.dimensions = knownDimensions[model]
	}
	if r.dimensions > 0 {
		return r, nil
	}
	r.memory = newDimensionsMemory(o.Folder, r.Name())
	if r.dimensions = r.memory.recall(); r.dimensions > 0 {
		return r, nil
	}
	vectors, err := r.request(remote.WithPace(ctx, r.query), []string{"How many dimensions?"})
	if err != nil {
		return nil, fmt.Errorf("learning the dimensions of %s: %w", model, err)
	}
	r.dimensions = len(vectors[0])
	r.memory.remember(r.dimensions)
	return r, nil
}

func newClient(s remote.Server, c *http.Client) *openai.Client {
	config := openai.DefaultConfig(s.Key)
	if s.IsAzure() {
		config = openai.DefaultAzureConfig(s.Key, s.BaseURL())
		config.APIVersion = cmp.Or(s.APIVersion, azureVersion)
		// A deployment is called what the person who made it called it.
		config.AzureModelMapperFunc = func(model string) string { return model }
	}
	config.BaseURL, config.HTTPClient = s.BaseURL(), c
	return openai.NewClientWithConfig(config)
}

// Name identifies the model, whichever server runs it.
func (r *Remote) Name() string {
	name := "openai:" + r.model
	if r.asked > 0 {
		name += fmt.Sprintf(":%d", r.asked)
	}
	if r.prompts != (prompts{}) {
		name += ":prompted"
	}
	return name
}

// Dimensions is the length of every vector.
func (r *Remote) Dimensions() int { return r.dimensions }

// Host is where the model runs, for messages.
func (r *Remote) Host() string { return r.server.Host() }

// Model is what the server calls the model.
func (r *Remote) Model() string { return r.model }

// Parallel is how many requests run at once.
func (r *Remote) Parallel() int { return r.parallel }

// Embed returns a unit vector for each text. One that is longer than the model
// takes is embedded in pieces, and has the mean of their vectors, the longer
// pieces weighing more. An empty text has a zero vector and costs no call.
func (r *Remote) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	return r.embed(remote.WithPace(ctx, r.job), r.prompts.passage, texts)
}

// EmbedQueries is Embed for questions, which some models want marked as such.
func (r *Remote) EmbedQueries(ctx context.Context, queries []string) ([][]float32, error) {
	return r.embed(remote.WithPace(ctx, r.query), r.prompts.query, queries)
}

func (r *Remote) embed(ctx context.Context, prompt string, texts []string) ([][]float32, error) {
	pieces := r.limits.pieces(texts)
	vectors := make([][]float32, len(pieces))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(r.parallel)
	for _, run := range r.limits.runs(pieces) {
		group.Go(func() error {
			inputs := make([]string, run.end-run.start)
			for i := range inputs {
				inputs[i] = prompt + pieces[run.start+i].text
			}
			got, err := r.fitting(ctx, inputs)
			copy(vectors[run.start:], got)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	out := make([][]float32, len(texts))
	for i := range out {
		out[i] = make([]float32, r.dimensions)
	}
	for i, p := range pieces {
		for d, x := range vectors[i] {
			out[p.of][d] += x * float32(p.tokens)
		}
	}
	for _, v := range out {
		normalise(v)
	}
	return out, nil
}

// fitting embeds texts with as many calls as it takes: servers limit a request
// each in its own way, text-embeddings-inference to 32 texts and Gemini to 100.
// What one refuses as too large is halved, and later ones are no larger.
func (r *Remote) fitting(ctx context.Context, inputs []string) ([][]float32, error) {
	if most := int(r.most.Load()); most > 0 && len(inputs) > most {
		return r.inTwo(ctx, inputs, most)
	}
	vectors, err := r.request(ctx, inputs)
	refused, ok := errors.AsType[*remote.Error](err)
	if !ok || len(inputs) == 1 || !refused.TooLarge || refused.Status >= 500 {
		return vectors, err
	}
	half := (len(inputs) + 1) / 2
	if vectors, err = r.inTwo(ctx, inputs, half); err == nil {
		r.learn(half)
	}
	return vectors, err
}

func (r *Remote) inTwo(ctx context.Context, inputs []string, at int) ([][]float32, error) {
	first, err := r.fitting(ctx, inputs[:at])
	if err != nil {
		return nil, err
	}
	rest, err := r.fitting(ctx, inputs[at:])
	return append(first, rest...), err
}

// learn notes how many texts a request may hold where more were refused.
func (r *Remote) learn(most int) {
	for {
		known := r.most.Load()
		if known > 0 && known <= int64(most) || r.most.CompareAndSwap(known, int64(most)) {
			return
		}
	}
}

// request embeds texts with one call and returns unit vectors in their order.
func (r *Remote) request(ctx context.Context, inputs []string) ([][]float32, error) {
	resp, err := r.client.CreateEmbeddings(ctx, openai.EmbeddingRequest{
		Input: inputs, Model: openai.EmbeddingModel(r.model), Dimensions: r.asked, EncodingFormat: openai.EmbeddingEncodingFormatFloat,
	})
	if err != nil {
		return nil, r.explain(err, inputs)
	}
	vectors := make([][]float32, len(inputs))
	for _, e := range resp.Data {
		if e.Index < 0 || e.Index >= len(inputs) || vectors[e.Index] != nil {
			return nil, r.broken("it numbers its vectors wrongly")
		}
		if r.dimensions > 0 && len(e.Embedding) != r.dimensions {
			return nil, r.mismatch(len(e.Embedding))
		}
		if len(e.Embedding) == 0 || !finite(e.Embedding) {
			return nil, r.broken("a vector in it is not one")
		}
		vectors[e.Index] = e.Embedding
		normalise(e.Embedding)
	}
	if len(resp.Data) != len(inputs) {
		return nil, r.broken(fmt.Sprintf("it has %d vectors for %d texts", len(resp.Data), len(inputs)))
	}
	return vectors, nil
}

func finite(v []float32) bool {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	return !math.IsNaN(sum) && !math.IsInf(sum, 0)
}

func (r *Remote) broken(problem string) error {
	return r.failure(remote.Classify(r.server, r.model, http.StatusOK, "", "", &remote.Fault{Kind: remote.Broken, Detail: problem}))
}

func (r *Remote) failure(e *remote.Error) error {
	e.Setting = ModelSetting
	return e
}

// explain says what an error of the client means. Where the server's error is
// a bare string, the client gives a RequestError that also passes for an
// APIError, an empty one: the order matters.
func (r *Remote) explain(err error, sent []string) error {
	var status int
	var code, message string
	if e, ok := errors.AsType[*openai.RequestError](err); ok {
		status = e.HTTPStatusCode
		code, message = remote.Said(e.Body)
	} else if e, ok := errors.AsType[*openai.APIError](err); ok {
		status, code, message = e.HTTPStatusCode, remote.Code(e.Code, e.Type), e.Message
	}
	return r.failure(remote.Classify(r.server, r.model, status, code, message, err, sent...))
}
