package main

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"

	"footnote/bot/answer/llmsim"
	"footnote/bot/record"
	"footnote/bot/slackbot/slacksim"
)

const countQuestion = "How many large models had been released in China by October?"

// asked is the journey of a message's question.
func asked(ws *slacksim.Workspace, ch *slacksim.Channel, m *slacksim.Message) record.Journey {
	return record.JourneyOf(record.Key{Team: ws.Team.ID, Channel: ch.ID, TS: m.TS}, 1)
}

// whole waits for a trace whose root has come, and all that was made beside it.
func (s *served) whole(c *traceCollector, j record.Journey) []*v1.Span {
	s.t.Helper()
	var spans []*v1.Span
	s.until("the trace", func() bool {
		spans = c.journey(j)
		names, known := map[string]bool{}, map[string]bool{"": true}
		for _, s := range spans {
			names[s.Name], known[string(s.SpanId)] = true, true
		}
		orphan := func(s *v1.Span) bool { return !known[string(s.ParentSpanId)] }
		return names["question"] && names["acknowledge"] && names["heard"] && !slices.ContainsFunc(spans, orphan)
	})
	return spans
}

func TestServeTracesAQuestion(t *testing.T) {
	for _, transport := range []string{"socket", "http"} {
		t.Run(transport, func(t *testing.T) {
			c := collect(t)
			ws, env := workspace(t, slacksim.Options{})
			sim := llmsim.New(llmsim.Options{Key: modelKey, Reply: func(llmsim.Request) llmsim.Reply {
				return llmsim.Reply{Text: "As of October this year, 238 large models have been released in China [1]."}
			}})
			defer sim.Close()
			env = append(append(env, c.env()...), "OPENAI_BASE_URL="+sim.URL(), "OPENAI_API_KEY="+modelKey, "FOOTNOTE_CHAT_MODEL=test-model",
				"OTEL_SERVICE_NAME=footnote-test", "OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20canary-header")
			var args []string
			if transport == "http" {
				args = []string{"--http"}
			}
			s := serve(t, env, args...)
			s.ready(ws, transport)
			alice, general := ws.AddUser(slacksim.UserSpec{Name: "alice"}), ws.Channel("general")
			m := alice.Say(general, countQuestion)
			spans := s.whole(c, asked(ws, general, m))
			tree := treeOf(t, spans)
			t.Log("\n" + tree)
			for _, want := range []string{
				"question\n  receive\n    ledger record the question\n",
				"\n    acknowledge\n",
				"\n    heard\n      slack assistant.threads.setStatus\n",
				"\n  process\n    claim\n",
				"\n    answer\n      search\n        vectors\n        words\n        rank\n      chat test-model\n",
				"\n      check\n",
				"\n    ledger record the answer\n",
				"\n    deliver\n",
				"\n    ledger finish the question\n",
				"slack chat.stopStream\n",
			} {
				if !strings.Contains(tree, want) {
					t.Errorf("the trace lacks\n%s", want)
				}
			}
			if strings.Contains(tree, "failed") {
				t.Error("something failed")
			}
			checkTimes(t, spans)
			checkAttributes(t, spans)
			if !slices.Contains(c.services, "footnote-test") {
				t.Errorf("services %q", c.services)
			}
			if got := c.headers[0].Get("Authorization"); got != "Bearer canary-header" {
				t.Errorf("header %q", got)
			}
			nothingTold(t, ws, c)
			noSecrets(t, ws, s.said())
		})
	}
}

// checkTimes checks that spans lie within those that wait for them.
func checkTimes(t *testing.T, spans []*v1.Span) {
	t.Helper()
	byID := map[string]*v1.Span{}
	for _, s := range spans {
		byID[idOf(s.SpanId)] = s
	}
	for _, s := range spans {
		if s.EndTimeUnixNano <= s.StartTimeUnixNano {
			t.Errorf("%s takes no time", s.Name)
		}
		parent := byID[idOf(s.ParentSpanId)]
		if parent == nil || s.Name == "heard" || parent.Name == "question" {
			continue // made beside it
		}
		if s.StartTimeUnixNano < parent.StartTimeUnixNano || s.EndTimeUnixNano > parent.EndTimeUnixNano {
			t.Errorf("%s is not within %s", s.Name, parent.Name)
		}
	}
	if q, p := find(spans, "question"), find(spans, "process"); q.StartTimeUnixNano > p.StartTimeUnixNano || q.EndTimeUnixNano < p.EndTimeUnixNano {
		t.Error("the process is not within the question")
	}
}

func checkAttributes(t *testing.T, spans []*v1.Span) {
	t.Helper()
	for name, want := range map[string]map[string]string{
		"question":                   {"footnote.question.state": "answered", "footnote.question.revision": "1", "footnote.question.attempt": "1"},
		"receive":                    {"messaging.system": "slack", "messaging.operation.type": "receive"},
		"process":                    {"messaging.system": "slack", "messaging.operation.type": "process"},
		"ledger record the question": {"db.system.name": "sqlite", "db.operation.name": "record the question"},
		"answer":                     {"footnote.answer.outcome": "answered", "footnote.answer.mode": "llm", "footnote.answer.citations": "1"},
		"chat test-model":            {"gen_ai.operation.name": "chat", "gen_ai.request.model": "test-model", "gen_ai.provider.name": "openai"},
	} {
		s := find(spans, name)
		for key, value := range want {
			if got := attributeOf(s.Attributes, key); got != value {
				t.Errorf("%s has %s %q, want %q", s.Name, key, got, value)
			}
		}
	}
	for _, key := range []string{"gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"} {
		if got := attributeOf(find(spans, "chat test-model").Attributes, key); got == "" || got == "0" {
			t.Errorf("%s is %q", key, got)
		}
	}
}

// nothingTold checks that traces hold nothing of what was asked and answered, who
// asked, or what is secret.
func nothingTold(t *testing.T, ws *slacksim.Workspace, c *traceCollector) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, secret := range []string{"large models", "238", "October", "football", "alice", "canary", modelKey, ws.BotToken(), ws.AppToken(), ws.SigningSecret(), ws.Team.ID, ws.Channel("general").ID} {
		if strings.Contains(c.raw.String(), secret) {
			t.Errorf("the traces hold %q", secret)
		}
	}
}

// An edit has a trace of its own, from its receipt on.
func TestAnEditIsAJourneyOfItsOwn(t *testing.T) {
	t.Parallel()
	c := collect(t)
	ws, env := workspace(t, slacksim.Options{})
	s := serve(t, append(env, c.env()...))
	s.ready(ws, "socket")
	alice, general := ws.AddUser(slacksim.UserSpec{Name: "alice"}), ws.Channel("general")
	m := alice.Say(general, countQuestion)
	s.whole(c, asked(ws, general, m))
	alice.Edit(m, "What is the growth rate of the market size of large language models in China?")
	second := record.JourneyOf(record.Key{Team: ws.Team.ID, Channel: general.ID, TS: m.TS}, 2)
	tree := treeOf(t, s.whole(c, second))
	for _, want := range []string{"question\n  receive\n    ledger record the question\n", "\n  process\n    claim\n", "slack chat.update\n"} {
		if !strings.Contains(tree, want) {
			t.Errorf("the trace lacks %s in\n%s", want, tree)
		}
	}
	if before := treeOf(t, s.whole(c, asked(ws, general, m))); strings.Contains(before, "chat.update") {
		t.Errorf("it is in the first trace too:\n%s", before)
	}
}

// Collectors that take gRPC alone get the same.
func TestServeTracesByGRPC(t *testing.T) {
	t.Parallel()
	c := collect(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	collector.RegisterTraceServiceServer(server, grpcCollector{traceCollector: c})
	go server.Serve(listener)
	t.Cleanup(server.Stop)
	ws, env := workspace(t, slacksim.Options{})
	s := serve(t, append(append(env, c.env()...), "OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "OTEL_EXPORTER_OTLP_ENDPOINT=http://"+listener.Addr().String()))
	s.ready(ws, "socket")
	alice, general := ws.AddUser(slacksim.UserSpec{Name: "alice"}), ws.Channel("general")
	m := alice.Say(general, countQuestion)
	if tree := treeOf(t, s.whole(c, asked(ws, general, m))); !strings.Contains(tree, "\n    deliver\n") {
		t.Error(tree)
	}
	nothingTold(t, ws, c)
}

// What fails is a failed span, by its kind.
func TestServeTracesFailures(t *testing.T) {
	t.Parallel()
	c := collect(t)
	ws, env := workspace(t, slacksim.Options{})
	sim := llmsim.New(llmsim.Options{Key: modelKey})
	sim.Down()
	defer sim.Close()
	s := serve(t, append(append(env, c.env()...), "OPENAI_BASE_URL="+sim.URL(), "OPENAI_API_KEY="+modelKey, "FOOTNOTE_CHAT_MODEL=test-model"))
	s.ready(ws, "socket")
	ws.Inject(slacksim.Fault{Method: "chat.postMessage", Kind: slacksim.APIError, Code: "invalid_blocks", Call: 1})
	ws.Inject(slacksim.Fault{Method: "chat.startStream", Kind: slacksim.APIError, Code: "unknown_method"})
	alice, general := ws.AddUser(slacksim.UserSpec{Name: "alice"}), ws.Channel("general")
	m := alice.Say(general, countQuestion)
	tree := treeOf(t, s.whole(c, asked(ws, general, m)))
	for _, want := range []string{
		"chat test-model failed: it could not be reached\n",
		"slack chat.startStream failed: unknown_method\n",
		"slack chat.postMessage failed: invalid_blocks\n",
	} {
		if !strings.Contains(tree, want) {
			t.Errorf("the trace lacks %s in\n%s", want, tree)
		}
	}
	nothingTold(t, ws, c)
}

// A process that takes over adds to the same trace.
func TestATakeoverGoesOnWithTheTrace(t *testing.T) {
	t.Parallel()
	c := collect(t)
	ws, env := workspace(t, slacksim.Options{})
	env = append(env, c.env()...)
	s := serve(t, env)
	s.ready(ws, "socket")
	for _, method := range []string{"chat.startStream", "chat.postMessage"} {
		ws.Inject(slacksim.Fault{Method: method, Kind: slacksim.Hang})
	}
	alice, general := ws.AddUser(slacksim.UserSpec{Name: "alice"}), ws.Channel("general")
	m := alice.Say(general, countQuestion)
	j := asked(ws, general, m)
	s.until("the post", func() bool {
		sent := slices.ContainsFunc(c.journey(j), func(s *v1.Span) bool { return s.Name == "ledger record the answer" })
		return sent && len(ws.Calls("chat.startStream"))+len(ws.Calls("chat.postMessage")) > 0 && ws.Idle()
	})
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	s.ends()
	ws.ClearFaults()
	again := serve(t, env)
	var spans []*v1.Span
	again.until("the end of the trace", func() bool { spans = c.journey(j); return find(spans, "question").TraceId != nil })
	if got := attributeOf(find(spans, "question").Attributes, "footnote.question.attempt"); got != "2" {
		t.Errorf("attempt %s", got)
	}
	names := map[string]int{}
	for _, s := range spans {
		names[s.Name]++
	}
	if names["receive"] == 0 || names["question"] != 1 || names["process"] != 1 || names["answer"] != 1 {
		t.Errorf("%v", names)
	}
}

// Nobody waits for a collector.
func TestACollectorThatIsDownOrSlowConcernsNoQuestion(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	down := "http://" + closed.Addr().String()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	slow := collect(t)
	slow.delay = time.Hour
	for name, endpoint := range map[string]string{"down": down, "slow": slow.URL} {
		t.Run(name, func(t *testing.T) {
			ws, env := workspace(t, slacksim.Options{})
			s := serve(t, append(env, "OTEL_EXPORTER_OTLP_ENDPOINT="+endpoint, "OTEL_BSP_SCHEDULE_DELAY=10"))
			s.ready(ws, "socket")
			alice, general := ws.AddUser(slacksim.UserSpec{Name: "alice"}), ws.Channel("general")
			alice.Say(general, countQuestion)
			s.until("the answer", func() bool { return strings.Contains(ws.Transcript(), "([1])") })
			if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			stopping := time.Now()
			status := s.ends()
			if took := time.Since(stopping); status != 0 || took > lastSpans+10*time.Second {
				t.Errorf("status %d after %s\n%s", status, took, s.said())
			}
			noSecrets(t, ws, s.said())
		})
	}
}

func TestTracingIsOffUnlessItIsWanted(t *testing.T) {
	const endpoint = "http://127.0.0.1:4318"
	for name, c := range map[string]struct {
		env  map[string]string
		want bool
		fail string
	}{
		"nothing set":           {},
		"endpoint":              {env: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}, want: true},
		"traces endpoint":       {env: map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": endpoint + "/v1/traces"}, want: true},
		"exporter":              {env: map[string]string{"OTEL_TRACES_EXPORTER": "otlp"}, want: true},
		"none":                  {env: map[string]string{"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}},
		"disabled":              {env: map[string]string{"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}},
		"the name alone":        {env: map[string]string{"OTEL_SERVICE_NAME": "x"}},
		"JSON":                  {env: map[string]string{"OTEL_EXPORTER_OTLP_PROTOCOL": "http/json", "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}, want: true},
		"another exporter":      {env: map[string]string{"OTEL_TRACES_EXPORTER": "zipkin"}, fail: "OTEL_TRACES_EXPORTER"},
		"another protocol":      {env: map[string]string{"OTEL_EXPORTER_OTLP_PROTOCOL": "carrier pigeon", "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}, fail: "OTEL_EXPORTER_OTLP_PROTOCOL"},
		"no address":            {env: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "localhost:4318"}, fail: "OTEL_EXPORTER_OTLP_ENDPOINT"},
		"a bad share":           {env: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "ten"}, want: true, fail: "OTEL_TRACES_SAMPLER_ARG"},
		"an unknown sampler":    {env: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_TRACES_SAMPLER": "xray"}, want: true, fail: "OTEL_TRACES_SAMPLER"},
		"a sampler with parent": {env: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.25"}, want: true},
	} {
		t.Run(name, func(t *testing.T) {
			for key, value := range c.env {
				t.Setenv(key, value)
			}
			protocol, err := tracingProtocol()
			if err == nil && protocol != "" {
				_, err = samplerOf(c.env["OTEL_TRACES_SAMPLER"], c.env["OTEL_TRACES_SAMPLER_ARG"])
			}
			if (protocol != "") != c.want || (err != nil) != (c.fail != "") || err != nil && !strings.Contains(err.Error(), c.fail) {
				t.Errorf("protocol %q, error %v", protocol, err)
			}
		})
	}
}

// A share of the traces is whole: no part is there without the others.
func TestASampleIsOfWholeTraces(t *testing.T) {
	sampler, err := samplerOf("parentbased_traceidratio", "0.5")
	if err != nil {
		t.Fatal(err)
	}
	ended := tracetest.NewSpanRecorder()
	provider := sdk.NewTracerProvider(sdk.WithSampler(sampler), sdk.WithIDGenerator(idsOfJourneys{}), sdk.WithSpanProcessor(ended))
	tracer := provider.Tracer("test")
	const journeys = 200
	for i := range journeys {
		j := record.JourneyOf(record.Key{Team: "T1", Channel: "C1", TS: fmt.Sprint(i)}, 1)
		_, part := tracer.Start(j.Within(t.Context()), "part")
		part.End()
		_, whole := tracer.Start(j.Whole(t.Context()), "whole")
		whole.End()
		if part.IsRecording() != whole.IsRecording() || whole.SpanContext().TraceID() != j.Trace || whole.SpanContext().SpanID() != j.Root {
			t.Errorf("part %v, whole %v", part.SpanContext(), whole.SpanContext())
		}
	}
	if n := len(ended.Ended()); n%2 != 0 || n < journeys/2 || n > journeys*3/2 {
		t.Errorf("%d spans of %d questions", n, journeys)
	}
}
