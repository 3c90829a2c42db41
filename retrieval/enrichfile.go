package retrieval

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strconv"
)

// A WrittenEnrichment is an [Enrichment] with its questions by language, as a
// file of enrichments has them.
type WrittenEnrichment struct {
	Context   string
	Questions map[string][]ExpectedQuestion // by two-letter code, such as "en"
}

// Bounds of what is kept of an enrichment, so that neither a document nor a
// model can blow up an index.
const (
	MaxLanguages     = 8
	MaxQuestions     = 24  // in each language
	MaxQuestionBytes = 300 // of one question
	MaxContextBytes  = 400
)

// withinBounds fails for an enrichment that an index is not to hold.
func (e WrittenEnrichment) withinBounds() error {
	if len(e.Context) > MaxContextBytes || len(e.Questions) > MaxLanguages {
		return errors.New("it is too large")
	}
	for language, questions := range e.Questions {
		if len(language) != 2 || len(questions) > MaxQuestions {
			return fmt.Errorf("it has %d questions in %q", len(questions), language)
		}
		for _, q := range questions {
			if q.Text == "" || len(q.Text) > MaxQuestionBytes || q.Sentence < 0 {
				return errors.New("a question in it is not one")
			}
		}
	}
	return nil
}

// MarshalJSON writes a pair of the question and its sentence's number, or the
// question alone where that is not known.
func (q ExpectedQuestion) MarshalJSON() ([]byte, error) {
	if q.Sentence == 0 {
		return plainJSON(q.Text)
	}
	return plainJSON([]any{q.Text, q.Sentence})
}

// plainJSON leaves <, > and & as they are: a file of enrichments is for people too.
func plainJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// checkField begins the last field of a line that the program wrote: the CRC-32
// of all before it.
const checkField = `,"crc32":"`

// line is an enrichment's line in a file, without its end.
func (e WrittenEnrichment) line(key string) ([]byte, error) {
	fields := map[string]any{"context": e.Context}
	for language, questions := range e.Questions {
		if len(questions) > 0 {
			fields[language] = questions
		}
	}
	text, err := plainJSON(fields)
	if err != nil {
		return nil, err
	}
	text = fmt.Appendf(nil, `{"text_sha256":%q,%s`, key, text[1:len(text)-1]) // the key first, for people
	return fmt.Appendf(text, `%s%08x"}`, checkField, crc32.ChecksumIEEE(text)), nil
}

// checkLine fails for a line that is not as it was written. A line without a
// checksum was written by somebody else.
func checkLine(line []byte) error {
	at := bytes.LastIndex(line, []byte(checkField))
	if at < 0 {
		return nil
	}
	sum, _, _ := bytes.Cut(line[at+len(checkField):], []byte(`"`))
	if want, err := strconv.ParseUint(string(sum), 16, 32); err != nil || crc32.ChecksumIEEE(line[:at]) != uint32(want) {
		return errors.New("its checksum does not fit")
	}
	return nil
}

// parseLine reads a line of a file of enrichments. The enrichment is empty for
// a key that is not wanted.
func parseLine(line []byte, wanted func(key string) bool) (key string, e Enrichment, err error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(line, &fields); err != nil {
		return "", e, err
	}
	if err := json.Unmarshal(fields["text_sha256"], &key); err != nil {
		return "", e, fmt.Errorf("its text_sha256: %w", err)
	}
	if wanted(key) {
		e, err = parseEnrichment(fields)
	}
	return key, e, err
}

const longestLine = 1 << 20 // bytes

// A writtenLine is an enrichment with the line that it was read from.
type writtenLine struct {
	Enrichment
	line []byte
}

// A lenientRead is what could be read of a file of enrichments.
type lenientRead struct {
	found   map[string]writtenLine // the last of each key that is wanted
	damaged int                    // lines that could not be read
	torn    bool                   // a last line is cut off
	unended bool                   // a last line is whole, but for its end
	whole   int64                  // bytes of the lines but a torn one
}

// readLeniently reads a file of enrichments of which lines may be damaged.
func readLeniently(r io.Reader, wanted func(key string) bool) (lenientRead, error) {
	out := lenientRead{found: map[string]writtenLine{}}
	in := bufio.NewReaderSize(r, longestLine)
	for {
		line, err := in.ReadSlice('\n')
		size, tooLong := len(line), false
		for errors.Is(err, bufio.ErrBufferFull) {
			tooLong = true
			line, err = in.ReadSlice('\n')
			size += len(line)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return out, err
		}
		text := bytes.TrimSpace(line)
		good := !tooLong && (len(text) == 0 || out.take(text, wanted) == nil)
		switch {
		case err != nil && !good:
			out.torn = true
			return out, nil
		case err != nil:
			out.unended = len(text) > 0
		case !good:
			out.damaged++
		}
		out.whole += int64(size)
		if err != nil {
			return out, nil
		}
	}
}

func (r *lenientRead) take(line []byte, wanted func(key string) bool) error {
	if err := checkLine(line); err != nil {
		return err
	}
	key, e, err := parseLine(line, wanted)
	if err == nil && wanted(key) {
		r.found[key] = writtenLine{e, bytes.Clone(line)}
	}
	return err
}
