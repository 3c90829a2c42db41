package load

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// The copy of a page is a file: a line of JSON about it, then the page.
type copyHead struct {
	page
	Sum string `json:"sha256"`
}

func (o Options) copyPath(address string) string {
	sum := sha256.Sum256([]byte(address))
	return filepath.Join(o.Copies, hex.EncodeToString(sum[:16])+".page")
}

// copyOf returns the last copy of an address; none where it is not whole.
func (o Options) copyOf(address string) (*page, error) {
	if o.Copies == "" {
		return nil, os.ErrNotExist
	}
	file := o.copyPath(address)
	if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() || info.Size() > maxSize+64<<10 {
		return nil, errors.Join(err, os.ErrNotExist)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	line, data, _ := bytes.Cut(content, []byte("\n"))
	var head copyHead
	if err := json.Unmarshal(line, &head); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if head.Address != address || head.Sum != sumOf(data) {
		return nil, fmt.Errorf("%s is damaged", file)
	}
	head.page.data = data
	return &head.page, nil
}

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// keep writes the copy of a page beside its place and renames it there. It is
// the owner's alone: it holds text.
func (o Options) keep(p *page) error {
	if o.Copies == "" {
		return nil
	}
	line, err := json.Marshal(copyHead{*p, sumOf(p.data)})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.Copies, 0o700); err != nil {
		return err
	}
	draft, err := os.CreateTemp(o.Copies, "draft-")
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name()) // after the rename it is not there
	_, headErr := draft.Write(append(line, '\n'))
	_, bodyErr := draft.Write(p.data)
	if err := errors.Join(headErr, bodyErr, draft.Sync(), draft.Close()); err != nil {
		return err
	}
	return os.Rename(draft.Name(), o.copyPath(p.Address))
}
