package retrieval

import (
	_ "embed"
	"sync"
)

//go:embed models.json
var modelsJSON []byte

// ShippedModels are the models that `go run ./cmd/tune rank` makes.
func ShippedModels() (*Models, error) { return parseShipped() }

var parseShipped = sync.OnceValues(func() (*Models, error) { return ParseModels(modelsJSON) })
