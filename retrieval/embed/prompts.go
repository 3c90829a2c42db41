package embed

import (
	"path"
	"strings"
)

// prompts are what a model was trained to see before a text. Without them the
// vectors of questions and passages are less alike.
type prompts struct{ query, passage string }

const ask = "Represent this sentence for searching relevant passages: "

// knownPrompts lists models by how their names begin, as their documentation gives
// the prompts. Others get none.
var knownPrompts = []struct {
	model string
	prompts
}{
	{"nomic-embed-text", prompts{"search_query: ", "search_document: "}},
	{"embeddinggemma", prompts{"task: search result | query: ", "title: none | text: "}},
	{"qwen3-embedding", prompts{query: "Instruct: Given a question about a report, retrieve passages that answer it\nQuery:"}},
	{"mxbai-embed-large", prompts{query: ask}},
	{"snowflake-arctic-embed2", prompts{query: "query: "}},
	{"snowflake-arctic-embed-l-v2", prompts{query: "query: "}},
	{"snowflake-arctic-embed-m-v2", prompts{query: "query: "}},
	{"snowflake-arctic-embed", prompts{query: ask}},
	{"bge-small-en", prompts{query: ask}},
	{"bge-base-en", prompts{query: ask}},
	{"bge-large-en", prompts{query: ask}},
	{"multilingual-e5-large-instruct", prompts{query: "Instruct: Given a question about a report, retrieve passages that answer it\nQuery: "}},
	{"multilingual-e5", prompts{"query: ", "passage: "}},
	{"e5-", prompts{"query: ", "passage: "}},
}

// promptsOf knows a model by its name, with or without the name of who made it
// and a tag.
func promptsOf(model string) prompts {
	name := strings.ToLower(path.Base(model))
	for _, known := range knownPrompts {
		if strings.HasPrefix(name, known.model) {
			return known.prompts
		}
	}
	return prompts{}
}
