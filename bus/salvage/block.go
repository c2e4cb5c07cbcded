package salvage

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"

	"github.com/minio/highwayhash"
)

// A message file is a sequence of records: a head with the length of all, the
// sequence number, the time and the length of the subject; the subject; with a
// header its length and the header; the body; a checksum of all but the
// lengths. The checksum's key is made of the stream's name and the file's
// number.
const (
	headLength = 22
	sumLength  = 8
	// mostLength is what nats-server takes for a length at most.
	mostLength = 32 << 20
	hasHeader  = 1 << 31
	// marks are the bits of a sequence number that say that its message was
	// removed.
	marks = 3 << 62
	// mostSequence bounds what can be a sequence number: a thousand years of
	// a thousand messages a second.
	mostSequence = 1 << 45
)

// A span is part of a file, from its first byte to the one after its last.
type span struct{ from, to int }

// contents is what a message file holds.
type contents struct {
	good  []span // whole records, in order
	last  uint64 // sequence number of the last good record, or that before
	lost  uint64 // sequence numbers between good records that are in none
	bad   int    // bytes in no good record
	open  bool   // the last bytes are bad: it is not known how many messages were there
	begun bool   // the bad bytes are the beginning of one record that was being written
}

// checksum returns the hash of the records in a stream's file.
func checksum(stream string, number uint32) (hash.Hash64, error) {
	key := sha256.Sum256(fmt.Appendf(nil, "%s-%d", stream, number))
	h, err := highwayhash.New64(key[:])
	if err != nil {
		return nil, fmt.Errorf("make checksum: %w", err)
	}
	return h, nil
}

// read finds the good records of a file. Before is the sequence number of the
// record before its first.
func read(data []byte, sum hash.Hash64, before uint64) contents {
	c := contents{last: before}
	for at := 0; at < len(data); {
		if seq, n := record(data[at:], sum); n > 0 {
			c.add(at, n, seq, false)
			at += n
			continue
		}
		next := at + 1
		seq, n := uint64(0), 0
		for ; next < len(data) && n == 0; next++ {
			seq, n = record(data[next:], sum)
		}
		if n == 0 {
			c.bad += len(data) - at
			c.open, c.begun = true, c.bad == len(data)-at && begun(data[at:], c.last)
			break
		}
		next-- // of the loop
		c.bad += next - at
		c.add(next, n, seq, true)
		at = next + n
	}
	return c
}

// add adds a good record; found says that there were bad bytes before it.
func (c *contents) add(at, n int, seq uint64, found bool) {
	if seq&marks == 0 {
		if found && seq > c.last+1 {
			c.lost += seq - c.last - 1
		}
		c.last = max(c.last, seq)
	}
	if end := len(c.good) - 1; end >= 0 && c.good[end].to == at {
		c.good[end].to += n
		return
	}
	c.good = append(c.good, span{at, at + n})
}

// record returns the sequence number and the length of the record that data
// begins with, 0 when that is no good one.
func record(data []byte, sum hash.Hash64) (seq uint64, length int) {
	if len(data) < headLength+sumLength {
		return 0, 0
	}
	size, subject := sizes(data)
	body := headLength + subject
	if size&hasHeader != 0 {
		body += 4
	}
	length = int(size &^ hasHeader)
	seq = binary.LittleEndian.Uint64(data[4:])
	if length < body+sumLength || length > mostLength || length > len(data) || seq&^marks > mostSequence {
		return 0, 0
	}
	sum.Reset()
	_, _ = sum.Write(data[4:20])
	_, _ = sum.Write(data[headLength : headLength+subject])
	_, _ = sum.Write(data[body : length-sumLength])
	var have [sumLength]byte
	if !bytes.Equal(sum.Sum(have[:0]), data[length-sumLength:length]) {
		return 0, 0
	}
	return seq, length
}

func sizes(data []byte) (size uint32, subject int) {
	return binary.LittleEndian.Uint32(data), int(binary.LittleEndian.Uint16(data[20:]))
}

// begun reports whether data is the beginning of the record after last, or the
// empty room that a file system leaves when the power goes while it grows a
// file. Nobody was told that such a message is on disk.
func begun(data []byte, last uint64) bool {
	if len(data) < headLength || len(bytes.TrimLeft(data, "\x00")) == 0 {
		return true
	}
	size, subject := sizes(data)
	length := int(size &^ hasHeader)
	return length > len(data) && length <= mostLength && headLength+subject+sumLength <= length &&
		binary.LittleEndian.Uint64(data[4:]) == last+1
}
