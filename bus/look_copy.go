package bus

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/minio/highwayhash"
)

// The files of nats-server that hold what a stream is, and their checksum.
const (
	metaFile = "meta.inf"
	metaSum  = "meta.sum"
)

// copyStream copies the folder of a stream, if there is one. Blocks that are
// full never change in place, the server writes another file and renames it,
// so a link will do; the last block is appended to and is copied.
func copyStream(to, from, name string) error {
	if _, err := os.Stat(from); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := os.MkdirAll(filepath.Join(to, "msgs"), 0o750); err != nil {
		return err
	}
	if err := copyMeta(to, from, name); err != nil {
		return err
	}
	entries, err := os.ReadDir(filepath.Join(from, "msgs"))
	if err != nil {
		return err
	}
	last := lastBlock(entries)
	for _, e := range entries {
		src, dst := filepath.Join(from, "msgs", e.Name()), filepath.Join(to, "msgs", e.Name())
		if n := blockNumber(e); n > 0 && n < last && os.Link(src, dst) == nil {
			continue // not every file system has links
		}
		if err := copyFile(dst, src); err != nil {
			return err
		}
	}
	return nil
}

func lastBlock(entries []fs.DirEntry) int {
	last := 0
	for _, e := range entries {
		last = max(last, blockNumber(e))
	}
	return last
}

// blockNumber returns the number of a file of messages, 0 of another file.
func blockNumber(e fs.DirEntry) int {
	name, ok := strings.CutSuffix(e.Name(), ".blk")
	n, err := strconv.Atoi(name)
	if !ok || err != nil {
		return 0
	}
	return n
}

// copyMeta copies what a stream is, without the limits by which the server
// would remove its messages.
func copyMeta(to, from, name string) error {
	text, err := os.ReadFile(filepath.Join(from, metaFile))
	if err != nil {
		return err
	}
	var meta map[string]any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&meta); err != nil {
		return fmt.Errorf("read %s of stream %s: %w", metaFile, name, err)
	}
	meta["max_age"], meta["max_bytes"] = 0, -1
	if text, err = json.Marshal(meta); err != nil {
		return err
	}
	key := sha256.Sum256([]byte(name))
	hash, err := highwayhash.NewDigest64(key[:])
	if err != nil {
		return err
	}
	_, _ = hash.Write(text) // a hash takes everything
	sum := hex.EncodeToString(hash.Sum(nil))
	return errors.Join(os.WriteFile(filepath.Join(to, metaFile), text, 0o640),
		os.WriteFile(filepath.Join(to, metaSum), []byte(sum), 0o640))
}

func copyFile(to, from string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	return errors.Join(err, dst.Close())
}
