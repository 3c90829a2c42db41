package chromemstore

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"testing"

	"footnote/retrieval"
)

var generation = retrieval.Generation{Corpus: "corpus", Embedder: "embedder", Dimensions: 3}

func TestAFileGivesBackWhatWasPutIn(t *testing.T) {
	long := string(bytes.Repeat([]byte("x"), 100_000))
	points := []retrieval.Point{{ID: "a", Vector: []float32{1, 0, -0.5}}, {ID: "", Vector: []float32{0, 0, 1}}, {ID: long, Vector: []float32{3, 2, 1}}}
	got, err := decode(encode(generation, points), generation)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(points) {
		t.Fatalf("%d points, want %d", len(got), len(points))
	}
	for i, p := range points {
		if got[i].ID != p.ID || [3]float32(got[i].Vector) != [3]float32(p.Vector) {
			t.Errorf("point %d is not what it was", i)
		}
	}
}

func TestAFileOfAnotherGenerationIsRefused(t *testing.T) {
	data := encode(generation, nil)
	for _, other := range []retrieval.Generation{
		{Corpus: "other", Embedder: "embedder", Dimensions: 3},
		{Corpus: "corpus", Embedder: "other", Dimensions: 3},
		{Corpus: "corpus", Embedder: "embedder", Dimensions: 4},
	} {
		if _, err := decode(data, other); err == nil {
			t.Errorf("it is taken for %v", other)
		}
	}
}

// The checksum is mended, so that what lies behind it is tried.
func FuzzDecode(f *testing.F) {
	f.Add(encode(generation, nil))
	f.Add(encode(generation, []retrieval.Point{{ID: "a", Vector: []float32{1, 0, 0}}, {ID: "b", Vector: []float32{0, 1, 0}}}))
	f.Add([]byte("FNV1\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) < 4 {
			return
		}
		body := bytes.Clone(data[:len(data)-4])
		data = binary.LittleEndian.AppendUint32(body, crc32.ChecksumIEEE(body))
		points, err := decode(data, generation)
		if err != nil {
			return
		}
		for _, p := range points {
			if len(p.Vector) != generation.Dimensions {
				t.Errorf("a vector has %d dimensions", len(p.Vector))
			}
		}
		again, err := decode(encode(generation, points), generation)
		if err != nil || len(again) != len(points) {
			t.Errorf("written again: %d points of %d, %v", len(again), len(points), err)
		}
	})
}
