package retrieval

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
)

// EnrichmentFolder is where below a data folder enrichments belong that a
// model wrote: [Options.Written] and [WritingOptions.Folder].
func EnrichmentFolder(data string) string { return filepath.Join(data, "enrichment") }

// An enrichmentCache keeps every enrichment that was ever written under an
// enricher's name, so that nothing is asked twice: a file of enrichments that
// only grows. It is held by one process at a time, under a lock.
type enrichmentCache struct {
	known map[string]writtenLine // of the texts that are wanted, by [TextKey]
	appendFile
}

// openEnrichmentCache locks an enricher's cache until it is closed, waiting for
// a process that has it, and reads what it has of the texts that are wanted. It
// fails where nothing could be stored: what is written may have cost money.
func openEnrichmentCache(ctx context.Context, folder, name string, wanted func(key string) bool, log *slog.Logger) (*enrichmentCache, error) {
	c := &enrichmentCache{}
	sum := sha256.Sum256([]byte(name))
	path := filepath.Join(folder, hex.EncodeToString(sum[:8])+".cache")
	waiting := func() { log.WarnContext(ctx, "another process is writing enrichments; this one waits for it") }
	if err := c.claim(ctx, path, waiting); err != nil {
		if ctx.Err() != nil {
			err = fmt.Errorf("waiting for another process that is writing enrichments: %w", ctx.Err())
		}
		return nil, errors.Join(err, c.Close())
	}
	read, err := readLeniently(c.file, wanted)
	if err == nil {
		err = c.resume(read.whole) // without a torn last line
	}
	if err == nil && read.unended {
		err = c.append([]byte("\n"))
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	if read.damaged > 0 {
		log.WarnContext(ctx, "some of the enrichments that were kept are damaged, and are asked for again", "file", path, "damaged", read.damaged)
	}
	c.known = read.found
	return c, nil
}

// add stores an enrichment, which is on disk when it returns.
func (c *enrichmentCache) add(key string, e WrittenEnrichment) error {
	line, err := e.line(key)
	if err != nil {
		return err
	}
	if err := c.append(append(line, '\n')); err != nil {
		return errors.Join(err, c.letGo()) // half a line may stand there: nothing is to follow it
	}
	_, read, err := parseLine(line, func(string) bool { return true })
	c.known[key] = writtenLine{read, line}
	return err
}
