package chromemstore

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"math"

	"footnote/retrieval"
)

// A generation's file, little-endian: magic; uint32 length of the manifest; the
// manifest, JSON; for each passage the uvarint length of its ID, the ID, and its
// vector of float32; the CRC-32 (IEEE) of everything before it.
const magic = "FNV1"

// A manifest says which generation a file holds, for people too.
type manifest struct {
	Corpus     string `json:"corpus"`
	Embedder   string `json:"embedder"`
	Dimensions int    `json:"dimensions"`
	Count      int    `json:"count"`
}

func encode(g retrieval.Generation, points []retrieval.Point) []byte {
	// A manifest of strings and numbers can always be encoded.
	about, _ := json.Marshal(manifest{g.Corpus, g.Embedder, g.Dimensions, len(points)})
	out := make([]byte, 0, len(about)+16+len(points)*(40+4*g.Dimensions))
	out = append(out, magic...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(about)))
	out = append(out, about...)
	for _, p := range points {
		out = binary.AppendUvarint(out, uint64(len(p.ID)))
		out = append(out, p.ID...)
		for _, x := range p.Vector {
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(x))
		}
	}
	return binary.LittleEndian.AppendUint32(out, crc32.ChecksumIEEE(out))
}

var errTruncated = errors.New("it is cut short")

// decode reads a file that must hold the generation.
func decode(data []byte, g retrieval.Generation) ([]retrieval.Point, error) {
	if len(data) < len(magic)+8 {
		return nil, errTruncated
	}
	if string(data[:len(magic)]) != magic {
		return nil, errors.New("it is no file of vectors, or of another version")
	}
	end := len(data) - 4
	if crc32.ChecksumIEEE(data[:end]) != binary.LittleEndian.Uint32(data[end:]) {
		return nil, errors.New("its checksum does not fit")
	}
	rest := data[len(magic):end]
	size := uint64(binary.LittleEndian.Uint32(rest))
	if rest = rest[4:]; size > uint64(len(rest)) {
		return nil, errTruncated
	}
	var m manifest
	if err := json.Unmarshal(rest[:size], &m); err != nil {
		return nil, fmt.Errorf("reading its manifest: %w", err)
	}
	if m != (manifest{g.Corpus, g.Embedder, g.Dimensions, m.Count}) {
		return nil, errors.New("it is of another index")
	}
	return decodePoints(rest[size:], m)
}

func decodePoints(rest []byte, m manifest) ([]retrieval.Point, error) {
	if m.Count < 0 || m.Dimensions < 0 || m.Count > len(rest) || m.Count > 0 && m.Dimensions > len(rest)/4/m.Count {
		return nil, errTruncated
	}
	points := make([]retrieval.Point, m.Count)
	vectors := make([]float32, m.Count*m.Dimensions)
	for i := range points {
		length, n := binary.Uvarint(rest)
		if n <= 0 || length > uint64(len(rest)) || len(rest) < n+int(length)+4*m.Dimensions {
			return nil, errTruncated
		}
		id := rest[n : n+int(length)]
		rest = rest[n+int(length):]
		v := vectors[i*m.Dimensions : (i+1)*m.Dimensions : (i+1)*m.Dimensions]
		for d := range v {
			v[d] = math.Float32frombits(binary.LittleEndian.Uint32(rest[4*d:]))
		}
		points[i] = retrieval.Point{ID: string(id), Vector: v}
		rest = rest[4*m.Dimensions:]
	}
	if len(rest) > 0 {
		return nil, errors.New("it goes on behind its end")
	}
	return points, nil
}
