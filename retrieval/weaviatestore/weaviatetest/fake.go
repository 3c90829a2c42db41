package weaviatetest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// A Fake is as much of Weaviate as the store calls, kept in memory. It compares
// vectors one by one, and all of its nodes are one: how nodes differ is for a
// [Cluster].
type Fake struct {
	*httptest.Server

	nodes int

	mu      sync.Mutex
	refuses bool
	classes map[string]map[string]object // by name and ID
	aliases map[string]string
	calls   map[string]int
}

type object struct {
	Class      string         `json:"class"`
	ID         string         `json:"id"`
	Vector     []float32      `json:"vector,omitempty"`
	Properties map[string]any `json:"properties"`
}

// NewFake starts one that says that it has so many nodes. It ends with its test.
func NewFake(t testing.TB, nodes int) *Fake {
	f := &Fake{nodes: nodes, classes: map[string]map[string]object{}, aliases: map[string]string{}, calls: map[string]int{}}
	mux := http.NewServeMux()
	for pattern, serve := range map[string]func(*http.Request) (int, any){
		"GET /v1/.well-known/ready":       f.ready,
		"GET /v1/cluster/statistics":      f.statistics,
		"GET /v1/nodes":                   f.listNodes,
		"GET /v1/nodes/{class}":           f.listNodes,
		"GET /v1/schema":                  f.listClasses,
		"POST /v1/schema":                 f.makeClass,
		"GET /v1/schema/{class}":          f.findClass,
		"DELETE /v1/schema/{class}":       f.dropClass,
		"GET /v1/aliases":                 f.listAliases,
		"POST /v1/aliases":                f.makeAlias,
		"GET /v1/aliases/{alias}":         f.findAlias,
		"PUT /v1/aliases/{alias}":         f.moveAlias,
		"DELETE /v1/aliases/{alias}":      f.dropAlias,
		"POST /v1/batch/objects":          f.put,
		"GET /v1/objects/{class}/{id}":    f.get,
		"PATCH /v1/objects/{class}/{id}":  f.merge,
		"DELETE /v1/objects/{class}/{id}": f.drop,
		"POST /v1/graphql":                f.query,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			f.mu.Lock()
			f.calls[pattern]++
			status, body := serve(r)
			text, err := json.Marshal(body) // before others change it
			f.mu.Unlock()
			if err != nil {
				status = http.StatusInternalServerError
			}
			w.WriteHeader(status)
			if body != nil {
				_, _ = w.Write(text)
			}
		})
	}
	f.Server = httptest.NewServer(mux)
	t.Cleanup(f.Close)
	return f
}

// Host is where it listens.
func (f *Fake) Host() string { return strings.TrimPrefix(f.URL, "http://") }

// Refuse has it say that no class may be made, or that any may again.
func (f *Fake) Refuse(yes bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refuses = yes
}

// Calls is how often a method and path were called, as in "POST /v1/graphql".
func (f *Fake) Calls(pattern string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[pattern]
}

func (f *Fake) ready(*http.Request) (int, any) { return http.StatusOK, nil }

func (f *Fake) statistics(*http.Request) (int, any) {
	var members []map[string]string
	for i := range f.nodes {
		members = append(members, map[string]string{"id": fmt.Sprint("node", i)})
	}
	raft := map[string]any{"latestConfiguration": members}
	return http.StatusOK, map[string]any{"statistics": []any{map[string]any{"raft": raft}}}
}

func (f *Fake) listNodes(r *http.Request) (int, any) {
	type shard struct {
		Class string `json:"class"`
	}
	type node struct {
		Name   string  `json:"name"`
		Status string  `json:"status"`
		Shards []shard `json:"shards"`
	}
	var nodes []node
	for i := range f.nodes {
		n := node{Name: fmt.Sprint("node", i), Status: "HEALTHY"}
		if class := r.PathValue("class"); class != "" {
			n.Shards = []shard{{class}}
		}
		nodes = append(nodes, n)
	}
	return http.StatusOK, map[string]any{"nodes": nodes}
}

type named struct {
	Class string `json:"class"`
	Alias string `json:"alias,omitempty"`
}

func (f *Fake) listClasses(*http.Request) (int, any) {
	var out []named
	for name := range f.classes {
		out = append(out, named{Class: name})
	}
	return http.StatusOK, map[string]any{"classes": out}
}

func (f *Fake) makeClass(r *http.Request) (int, any) {
	var in named
	if json.NewDecoder(r.Body).Decode(&in) != nil || f.classes[in.Class] != nil {
		return refused("it cannot be made")
	}
	if f.refuses {
		return http.StatusForbidden, nil
	}
	f.classes[in.Class] = map[string]object{}
	return http.StatusOK, in
}

func (f *Fake) findClass(r *http.Request) (int, any) {
	if f.classes[r.PathValue("class")] == nil {
		return http.StatusNotFound, nil
	}
	return http.StatusOK, named{Class: r.PathValue("class")}
}

func (f *Fake) dropClass(r *http.Request) (int, any) {
	delete(f.classes, r.PathValue("class"))
	return http.StatusOK, nil
}

func (f *Fake) listAliases(*http.Request) (int, any) {
	var out []named
	for alias, class := range f.aliases {
		out = append(out, named{class, alias})
	}
	return http.StatusOK, map[string]any{"aliases": out}
}

func (f *Fake) findAlias(r *http.Request) (int, any) {
	class, ok := f.aliases[r.PathValue("alias")]
	if !ok {
		return http.StatusNotFound, nil
	}
	return http.StatusOK, named{class, r.PathValue("alias")}
}

func (f *Fake) makeAlias(r *http.Request) (int, any) {
	var in named
	bad := json.NewDecoder(r.Body).Decode(&in) != nil
	if _, taken := f.aliases[in.Alias]; taken || bad || f.classes[in.Class] == nil {
		return refused("the alias cannot be made")
	}
	f.aliases[in.Alias] = in.Class
	return http.StatusOK, in
}

func (f *Fake) moveAlias(r *http.Request) (int, any) {
	var in named
	_, known := f.aliases[r.PathValue("alias")]
	if json.NewDecoder(r.Body).Decode(&in) != nil || !known || f.classes[in.Class] == nil {
		return http.StatusNotFound, nil
	}
	f.aliases[r.PathValue("alias")] = in.Class
	return http.StatusOK, in
}

func (f *Fake) dropAlias(r *http.Request) (int, any) {
	delete(f.aliases, r.PathValue("alias"))
	return http.StatusNoContent, nil
}

func (f *Fake) put(r *http.Request) (int, any) {
	var in struct{ Objects []object }
	if json.NewDecoder(r.Body).Decode(&in) != nil {
		return refused("no objects")
	}
	var out []map[string]any
	for _, o := range in.Objects {
		result := map[string]any{}
		if of := f.classes[o.Class]; of != nil {
			of[o.ID] = o
		} else {
			_, result["errors"] = refused("there is no class " + o.Class)
		}
		out = append(out, map[string]any{"id": o.ID, "result": result})
	}
	return http.StatusOK, out
}

func (f *Fake) get(r *http.Request) (int, any) {
	o, ok := f.classes[r.PathValue("class")][r.PathValue("id")]
	if !ok {
		return http.StatusNotFound, nil
	}
	return http.StatusOK, o
}

func (f *Fake) merge(r *http.Request) (int, any) {
	var in object
	o, ok := f.classes[r.PathValue("class")][r.PathValue("id")]
	if json.NewDecoder(r.Body).Decode(&in) != nil || !ok {
		return http.StatusNotFound, nil
	}
	for name, value := range in.Properties {
		o.Properties[name] = value
	}
	return http.StatusNoContent, nil
}

func (f *Fake) drop(r *http.Request) (int, any) {
	delete(f.classes[r.PathValue("class")], r.PathValue("id"))
	return http.StatusNoContent, nil
}

// What the store asks in GraphQL.
var (
	countQuery   = regexp.MustCompile(`^\{Aggregate\{(\w+)\{meta\{count\}\}\}\}$`)
	nearestQuery = regexp.MustCompile(`^\{Get\{(\w+)\(limit:(\d+) nearVector:\{vector:(\[[^]]*\])\}(?: where:\{path:\["document"\] operator:ContainsAny valueText:\[([^]]*)\]\})?\)`)
)

func (f *Fake) query(r *http.Request) (int, any) {
	var in struct{ Query string }
	if json.NewDecoder(r.Body).Decode(&in) != nil {
		return refused("no query")
	}
	if m := countQuery.FindStringSubmatch(in.Query); m != nil && f.classes[m[1]] != nil {
		count := map[string]any{"meta": map[string]any{"count": len(f.classes[m[1]])}}
		return graph("Aggregate", m[1], []any{count})
	}
	m := nearestQuery.FindStringSubmatch(in.Query)
	var limit int
	var vector []float32
	if m == nil || f.classes[m[1]] == nil || json.Unmarshal([]byte(m[2]), &limit) != nil || json.Unmarshal([]byte(m[3]), &vector) != nil {
		return http.StatusOK, map[string]any{"errors": []map[string]string{{"message": "it cannot be queried"}}}
	}
	return graph("Get", m[1], nearest(f.classes[m[1]], vector, limit, m[4]))
}

// A neighbour is an object as it is found.
type neighbour struct {
	Passage    any `json:"passage"`
	Additional struct {
		Distance float64 `json:"distance"`
	} `json:"_additional"`
}

// nearest are the objects near a vector, of some documents where any are named.
func nearest(of map[string]object, vector []float32, limit int, documents string) []neighbour {
	found := []neighbour{}
	for _, o := range of {
		if len(o.Vector) == 0 || documents != "" && !strings.Contains(documents, fmt.Sprintf("%q", o.Properties["document"])) {
			continue
		}
		n := neighbour{Passage: o.Properties["passage"]}
		n.Additional.Distance = 1 - cosine(o.Vector, vector)
		found = append(found, n)
	}
	slices.SortFunc(found, func(a, b neighbour) int { return cmp.Compare(a.Additional.Distance, b.Additional.Distance) })
	return found[:min(limit, len(found))]
}

func cosine(a, b []float32) float64 {
	var dot, aa, bb float64
	for i := range a {
		dot += float64(a[i]) * float64(b[i])
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
	}
	return dot / math.Sqrt(aa*bb)
}

func graph(kind, class string, results any) (int, any) {
	return http.StatusOK, map[string]any{"data": map[string]any{kind: map[string]any{class: results}}}
}

func refused(message string) (int, any) {
	return http.StatusUnprocessableEntity, map[string]any{"error": []map[string]string{{"message": message}}}
}
