package main

import (
	"compress/gzip"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"footnote/bot/record"
)

// A traceCollector is an OpenTelemetry collector as far as traces need one.
type traceCollector struct {
	*httptest.Server
	delay time.Duration // before it answers

	mu       sync.Mutex
	spans    []*trace.Span
	services []string
	headers  []http.Header
	raw      strings.Builder // whatever it was sent
}

func collect(t *testing.T) *traceCollector {
	c := &traceCollector{}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

func (c *traceCollector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body = unzipped
	}
	raw, err := io.ReadAll(body)
	var sent collector.ExportTraceServiceRequest
	if err == nil {
		err = proto.Unmarshal(raw, &sent)
	}
	if err != nil || r.URL.Path != "/v1/traces" {
		http.Error(w, fmt.Sprint(r.URL.Path, err), http.StatusBadRequest)
		return
	}
	select {
	case <-time.After(c.delay):
	case <-r.Context().Done():
		return
	}
	c.take(&sent, raw, r.Header)
}

func (c *traceCollector) take(sent *collector.ExportTraceServiceRequest, raw []byte, header http.Header) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.raw.Write(raw)
	c.headers = append(c.headers, header)
	for _, resource := range sent.ResourceSpans {
		c.services = append(c.services, attributeOf(resource.Resource.Attributes, "service.name"))
		for _, scope := range resource.ScopeSpans {
			c.spans = append(c.spans, scope.Spans...)
		}
	}
}

// A grpcCollector takes spans by gRPC.
type grpcCollector struct {
	collector.UnimplementedTraceServiceServer
	*traceCollector
}

// Export is called with each batch.
func (c grpcCollector) Export(_ context.Context, sent *collector.ExportTraceServiceRequest) (*collector.ExportTraceServiceResponse, error) {
	raw, err := proto.Marshal(sent)
	c.take(sent, raw, nil)
	return &collector.ExportTraceServiceResponse{}, err
}

// journey is what came of a trace.
func (c *traceCollector) journey(j record.Journey) []*trace.Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	var spans []*trace.Span
	for _, s := range c.spans {
		if string(s.TraceId) == string(j.Trace[:]) {
			spans = append(spans, s)
		}
	}
	return spans
}

// env has footnote serve send its traces.
func (c *traceCollector) env() []string {
	return []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + c.URL, "OTEL_BSP_SCHEDULE_DELAY=50"}
}

func attributeOf(attributes []*common.KeyValue, key string) string {
	for _, a := range attributes {
		if a.Key != key {
			continue
		}
		switch v := a.Value.Value.(type) {
		case *common.AnyValue_StringValue:
			return v.StringValue
		case *common.AnyValue_IntValue:
			return fmt.Sprint(v.IntValue)
		case *common.AnyValue_DoubleValue:
			return fmt.Sprint(v.DoubleValue)
		case *common.AnyValue_BoolValue:
			return fmt.Sprint(v.BoolValue)
		case *common.AnyValue_ArrayValue:
			return fmt.Sprint(v.ArrayValue)
		}
	}
	return ""
}

// treeOf writes spans as a tree: each below its parent, in the order in which
// they began, with how many like it came there.
func treeOf(t *testing.T, spans []*trace.Span) string {
	t.Helper()
	known, children := map[string]bool{}, map[string][]*trace.Span{}
	for _, s := range spans {
		if known[string(s.SpanId)] {
			t.Errorf("two spans have the id %x", s.SpanId)
		}
		known[string(s.SpanId)] = true
	}
	for _, s := range spans {
		if len(s.ParentSpanId) > 0 && !known[string(s.ParentSpanId)] {
			t.Errorf("%s has a parent that is not there", s.Name)
		}
		children[string(s.ParentSpanId)] = append(children[string(s.ParentSpanId)], s)
	}
	var b strings.Builder
	var write func(parent, indent string)
	write = func(parent, indent string) {
		here := children[parent]
		slices.SortStableFunc(here, func(a, b *trace.Span) int { return int(int64(a.StartTimeUnixNano) - int64(b.StartTimeUnixNano)) })
		for _, s := range here {
			failed := ""
			if s.Status.GetCode() == trace.Status_STATUS_CODE_ERROR {
				failed = " failed: " + s.Status.Message
			}
			fmt.Fprintf(&b, "%s%s%s\n", indent, s.Name, failed)
			write(string(s.SpanId), indent+"  ")
		}
	}
	write("", "")
	return b.String()
}

func find(spans []*trace.Span, name string) *trace.Span {
	for _, s := range spans {
		if s.Name == name {
			return s
		}
	}
	return &trace.Span{Name: "no " + name}
}

func idOf(b []byte) string { return hex.EncodeToString(b) }
