package retrieval

import (
	"errors"
	"os"
	"syscall"
	"testing"
)

func TestAFullDiskEndsStoringVectorsAndNothingElse(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("there is no device that is full")
	}
	c := &vectorCache{dims: 2, known: map[textHash][]float32{}, appendFile: appendFile{file: full}}
	for i, text := range []string{"one", "two"} {
		c.add([]textHash{hashText(text)}, [][]float32{{float32(i), 1}})
		// After half a record, another one would not be where a reader looks.
		if c.file != nil || !errors.Is(c.unstored, syscall.ENOSPC) {
			t.Fatalf("it goes on after %v", c.unstored)
		}
	}
	if v := c.known[hashText("two")]; len(v) != 2 || v[0] != 1 {
		t.Errorf("what was added is %v", v)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}
