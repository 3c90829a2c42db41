package embed

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// knownDimensions are those that OpenAI documents for its models.
var knownDimensions = map[string]int{
	"text-embedding-3-small": 1536,
	"text-embedding-3-large": 3072,
	"text-embedding-ada-002": 1536,
}

// mostDimensions is more than any model has.
const mostDimensions = 1 << 16

// A DimensionsError is a model whose vectors are not as long as they should be.
type DimensionsError struct {
	Model, Host string
	Got, Want   int
	asked       bool
}

func (e *DimensionsError) Error() string {
	return fmt.Sprintf("the model %s at %s gave vectors of %d dimensions instead of %d", e.Model, e.Host, e.Got, e.Want)
}

// Hint says what to do.
func (e *DimensionsError) Hint() string {
	if e.asked {
		return fmt.Sprintf("the model cannot shorten its vectors to FOOTNOTE_EMBED_DIMENSIONS: set that to %d, or leave it out", e.Got)
	}
	return "the server has another model under that name now: run footnote index again, or name the model that the index was made with in " + ModelSetting
}

func (r *Remote) mismatch(got int) error {
	r.memory.forget()
	return &DimensionsError{Model: r.model, Host: r.server.Host(), Got: got, Want: r.dimensions, asked: r.asked > 0}
}

// A dimensionsMemory is a small file that keeps a model's dimensions from one
// start to the next. What it cannot keep is learnt again. Nil remembers nothing.
type dimensionsMemory struct{ path, name string }

type dimensionsRecord struct {
	Embedder   string `json:"embedder"`
	Dimensions int    `json:"dimensions"`
}

func newDimensionsMemory(folder, name string) *dimensionsMemory {
	if folder == "" {
		return nil
	}
	sum := sha256.Sum256([]byte(name))
	return &dimensionsMemory{filepath.Join(folder, hex.EncodeToString(sum[:8])+".dimensions"), name}
}

// recall is 0 where nothing is remembered.
func (m *dimensionsMemory) recall() int {
	if m == nil {
		return 0
	}
	info, err := os.Stat(m.path)
	if err != nil || !info.Mode().IsRegular() {
		return 0
	}
	data, err := os.ReadFile(m.path)
	if err != nil {
		return 0
	}
	var record dimensionsRecord
	if json.Unmarshal(data, &record) != nil || record.Embedder != m.name || record.Dimensions < 1 || record.Dimensions > mostDimensions {
		return 0
	}
	return record.Dimensions
}

func (m *dimensionsMemory) remember(dimensions int) {
	if m == nil || os.MkdirAll(filepath.Dir(m.path), 0o755) != nil {
		return
	}
	data, err := json.Marshal(dimensionsRecord{m.name, dimensions})
	if err != nil {
		return
	}
	draft, err := os.CreateTemp(filepath.Dir(m.path), "dimensions-*.draft")
	if err != nil {
		return
	}
	defer os.Remove(draft.Name()) // after the rename it is not there
	_, err = draft.Write(data)
	if draft.Close() == nil && err == nil {
		_ = os.Rename(draft.Name(), m.path)
	}
}

func (m *dimensionsMemory) forget() {
	if m != nil {
		_ = os.Remove(m.path)
	}
}
