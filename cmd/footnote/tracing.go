package main

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	api "go.opentelemetry.io/otel/trace"

	"footnote/bot/record"
)

// A tracing sends the spans of questions to a collector. The zero value traces
// nothing.
type tracing struct {
	// provider is nil where nobody traces.
	provider api.TracerProvider
	stop     func(context.Context) error
}

// lastSpans is how long the spans that are left may take at the end: a collector
// that does not answer keeps nobody waiting for longer.
const lastSpans = 5 * time.Second

// openTracing reads OpenTelemetry's settings (opentelemetry.io/docs/specs/otel,
// "Environment Variable Specification"); without any of them nothing is traced.
// A collector that cannot be reached is no error.
func openTracing(ctx context.Context, log *slog.Logger) (tracing, error) {
	protocol, err := tracingProtocol()
	if err != nil || protocol == "" {
		return tracing{}, err
	}
	exporter, err := newExporter(ctx, protocol)
	if err != nil {
		return tracing{}, &hintedError{errors.New("traces cannot be sent: the settings of OpenTelemetry do not fit together"), "docs/operate.md says which there are"}
	}
	what, err := described(ctx)
	if err != nil { // part of it is there all the same
		log.WarnContext(ctx, "OTEL_RESOURCE_ATTRIBUTES is not a list of KEY=VALUE", "error", err)
	}
	sampler, err := samplerOf(os.Getenv("OTEL_TRACES_SAMPLER"), os.Getenv("OTEL_TRACES_SAMPLER_ARG"))
	if err != nil {
		return tracing{}, errors.Join(err, exporter.Shutdown(ctx))
	}
	otel.SetErrorHandler(&exportTrouble{log: log}) // the SDK has no other way to tell
	p := trace.NewTracerProvider(trace.WithBatcher(exporter), trace.WithResource(what), trace.WithSampler(sampler), trace.WithIDGenerator(idsOfJourneys{}))
	log.InfoContext(ctx, "questions are traced")
	return tracing{p, p.Shutdown}, nil
}

// close sends what is left.
func (t tracing) close() {
	if t.stop == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), lastSpans)
	defer cancel()
	_ = t.stop(ctx) // the log was told; questions are not concerned
}

// newExporter sends spans by a protocol; it connects when there are some.
func newExporter(ctx context.Context, protocol string) (*otlptrace.Exporter, error) {
	if protocol == "grpc" {
		return otlptracegrpc.New(ctx)
	}
	return otlptracehttp.New(ctx)
}

// tracingProtocol is how the collector that the settings name is spoken to, ""
// where they name none.
func tracingProtocol() (string, error) {
	get := func(name string) string { return strings.TrimSpace(os.Getenv(name)) }
	exporter := strings.ToLower(get("OTEL_TRACES_EXPORTER"))
	var endpoint string
	for _, name := range []string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"} {
		v := get(name)
		if u, err := url.Parse(v); v != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
			return "", &hintedError{errors.New(name + " is not an address"), "it is like http://localhost:4318"} // not repeated: it may hold a password
		}
		endpoint = cmp.Or(endpoint, v)
	}
	switch {
	case strings.EqualFold(get("OTEL_SDK_DISABLED"), "true"), exporter == "none", exporter == "" && endpoint == "":
		return "", nil
	case exporter != "" && exporter != "otlp":
		return "", badSetting("OTEL_TRACES_EXPORTER", exporter, "it is otlp or none")
	}
	protocol := cmp.Or(get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"), get("OTEL_EXPORTER_OTLP_PROTOCOL"), "http/protobuf")
	switch protocol {
	case "http/protobuf", "http/json", "grpc":
		return protocol, nil
	}
	return "", badSetting("OTEL_EXPORTER_OTLP_PROTOCOL", protocol, "it is http/protobuf, http/json (both mostly on port 4318) or grpc (port 4317)")
}

// described says whose traces they are: OTEL_SERVICE_NAME and
// OTEL_RESOURCE_ATTRIBUTES win over what the program knows.
func described(ctx context.Context) (*resource.Resource, error) {
	build, _ := debug.ReadBuildInfo()
	return resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", "footnote"), attribute.String("service.version", release(build))),
		resource.WithTelemetrySDK(), resource.WithHost(), resource.WithFromEnv())
}

// samplerOf decides by a trace's id alone, also for those samplers that would go
// by the parent. The root of a question's trace is made last, perhaps by another
// process, so there is no decision of its to go by; its id gives the same one
// everywhere.
func samplerOf(name, arg string) (trace.Sampler, error) {
	switch strings.TrimPrefix(strings.ToLower(strings.TrimSpace(name)), "parentbased_") {
	case "", "always_on":
		return trace.AlwaysSample(), nil
	case "always_off":
		return trace.NeverSample(), nil
	case "traceidratio":
		if arg == "" {
			return trace.AlwaysSample(), nil
		}
		share, err := strconv.ParseFloat(strings.TrimSpace(arg), 64)
		if err != nil || !(share >= 0 && share <= 1) {
			return nil, badSetting("OTEL_TRACES_SAMPLER_ARG", arg, "it is a share from 0 to 1, such as 0.1")
		}
		return trace.TraceIDRatioBased(share), nil
	}
	return nil, badSetting("OTEL_TRACES_SAMPLER", name, "it is always_on, always_off or traceidratio, with parentbased_ before it or not")
}

// idsOfJourneys gives the whole of a journey the ids that its parts go by, and
// all other spans ids by chance.
type idsOfJourneys struct{}

// NewIDs makes the ids of a span without a parent.
func (g idsOfJourneys) NewIDs(ctx context.Context) (api.TraceID, api.SpanID) {
	if j, ok := record.WholeIn(ctx); ok {
		return j.Trace, j.Root
	}
	var id api.TraceID
	for i := range id {
		id[i] = byte(rand.Uint32())
	}
	return id, g.NewSpanID(ctx, id)
}

// NewSpanID makes the id of a span within a trace.
func (idsOfJourneys) NewSpanID(context.Context, api.TraceID) (id api.SpanID) {
	for !id.IsValid() {
		for i := range id {
			id[i] = byte(rand.Uint32())
		}
	}
	return id
}

// An exportTrouble tells the log that traces are lost, now and then.
type exportTrouble struct {
	log *slog.Logger

	mu   sync.Mutex
	told time.Time
}

// Handle is called for each batch that could not be sent.
func (e *exportTrouble) Handle(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if time.Since(e.told) < time.Minute {
		return
	}
	e.told = time.Now()
	e.log.Warn("traces could not be sent; questions are not concerned", "error", err, "hint", "check that a collector listens at OTEL_EXPORTER_OTLP_ENDPOINT")
}

// tracingSecrets are what the settings of the collector hold that no log may
// show.
func tracingSecrets() []string {
	var secrets []string
	for _, name := range []string{"OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"} {
		for header := range strings.SplitSeq(os.Getenv(name), ",") {
			_, value, _ := strings.Cut(header, "=")
			value = strings.TrimSpace(value)
			plain, err := url.PathUnescape(value)
			if err != nil {
				plain = value
			}
			secrets = append(secrets, value, plain)
		}
	}
	return secrets
}
