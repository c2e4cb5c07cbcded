// Package recording reads samples that were recorded, one a line, in the order
// in which they lie there. It starts no goroutine and knows of the plant its
// tags alone.
package recording

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"andon/plant"
)

// A Reader reads samples from NDJSON, one a line:
//
//	{"tag":"site/area/line/equipment/tag","ts":"2026-03-02T08:00:00Z","value":6,"status":"good"}
//
// status is optional. Lines with a gap, which say what a source has not got,
// are passed by. Tags that the tree does not know are kept, detached.
type Reader struct {
	tree     *plant.Tree
	plain    *plainReader
	scan     *bufio.Scanner
	line     int
	detached map[string]*plant.Tag
}

// maxLine bounds one line of a recording.
const maxLine = 1 << 20

// New reads r, which must already be decompressed. A Reader is for one
// goroutine.
func New(r io.Reader, tree *plant.Tree) *Reader {
	scan := bufio.NewScanner(r)
	scan.Buffer(make([]byte, 64<<10), maxLine)
	return &Reader{tree: tree, plain: newPlainReader(tree), scan: scan, detached: map[string]*plant.Tag{}}
}

type recordedSample struct {
	Tag    string        `json:"tag"`
	Time   plant.Instant `json:"ts"`
	Value  plant.Value   `json:"value"`
	Status string        `json:"status"`

	Gap json.RawMessage `json:"gap"` // then all else is empty
}

// errNoSample says that a line is right and has no sample.
var errNoSample = errors.New("no sample")

// Next returns the next sample, or io.EOF after the last. Other errors name
// the line.
func (r *Reader) Next() (plant.Sample, error) {
	for r.scan.Scan() {
		r.line++
		if len(r.scan.Bytes()) == 0 {
			continue
		}
		s, err := r.parse(r.scan.Bytes())
		if err == nil {
			return s, nil
		}
		if errors.Is(err, errNoSample) {
			continue
		}
		if cut := r.readError(); cut != nil { // the line is only what there was left to read
			err = cut
		}
		return plant.Sample{}, fmt.Errorf("line %d: %w", r.line, err)
	}
	if err := r.readError(); err != nil {
		return plant.Sample{}, fmt.Errorf("line %d: %w", r.line+1, err)
	}
	return plant.Sample{}, io.EOF
}

// readError returns why no more can be read, nil at the end of the recording.
func (r *Reader) readError() error {
	err := r.scan.Err()
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("unexpected end: the file is cut off")
	}
	return err
}

func (r *Reader) parse(line []byte) (plant.Sample, error) {
	if s, ok := r.plain.read(line); ok {
		return typed(s), nil
	}
	return r.parseJSON(line)
}

// parseJSON reads any line, and says what is wrong with it.
func (r *Reader) parseJSON(line []byte) (plant.Sample, error) {
	var rec recordedSample
	if err := json.Unmarshal(line, &rec); err != nil {
		return plant.Sample{}, fmt.Errorf("want a sample as JSON: %w", err)
	}
	if rec.Gap != nil && rec.Tag == "" {
		return plant.Sample{}, errNoSample
	}
	if rec.Time == 0 {
		return plant.Sample{}, errors.New("ts: want a time such as 2026-03-02T08:00:00Z")
	}
	status, err := plant.ParseStatus(rec.Status)
	if err != nil {
		return plant.Sample{}, err
	}
	tag, err := r.tag(rec.Tag)
	if err != nil {
		return plant.Sample{}, err
	}
	return typed(plainSample{tag, rec.Time, rec.Value, status}), nil
}

// typed gives a value the type of its tag.
func typed(s plainSample) plant.Sample {
	value, ok := s.value.As(s.tag.Type)
	switch {
	case s.value.Kind() == plant.KindNone && !s.status.IsGood():
		value = plant.Value{} // the status alone says why there is none
	case !ok:
		value, s.status = plant.Value{}, plant.BadTypeMismatch
	}
	return plant.Sample{Tag: s.tag, Value: value, Status: s.status, Time: s.at}
}

func (r *Reader) tag(path string) (*plant.Tag, error) {
	if t := r.tree.Tag(path); t != nil {
		return t, nil
	}
	if t := r.detached[path]; t != nil {
		return t, nil
	}
	t, err := plant.Detached(path)
	if err == nil {
		r.detached[path] = t
		r.plain.know(t)
	}
	return t, err
}
