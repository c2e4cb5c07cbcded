package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

//go:embed templates/*.html static/* openapi.yaml
var files embed.FS

// An asset is one embedded file as it is sent. Its address carries a hash of
// its content, so browsers may keep it for ever.
type asset struct {
	mime       string
	body, gzip []byte
}

// assets are the embedded files by the name in their address.
type assets struct {
	byName map[string]asset
	url    map[string]string // file name → address
	// build changes whenever the program or a page does; a page of another
	// build loads itself again.
	build string
}

func mimeOf(ext string) string {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return ""
}

func loadAssets(version string) (*assets, error) {
	a := &assets{byName: map[string]asset{}, url: map[string]string{}}
	build := sha256.New()
	fmt.Fprintln(build, version)
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		fmt.Fprintf(build, "%s %d\n", name, len(body))
		build.Write(body)
		if path.Dir(name) == "static" {
			return a.add(path.Base(name), body)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read embedded files: %w", err)
	}
	a.build = hex.EncodeToString(build.Sum(nil)[:6])
	return a, nil
}

func (a *assets) add(base string, body []byte) error {
	ext := path.Ext(base)
	mime := mimeOf(ext)
	if mime == "" {
		return fmt.Errorf("%s: no content type for %s", base, ext)
	}
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(body); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	name := strings.TrimSuffix(base, ext) + "." + hex.EncodeToString(sum[:6]) + ext
	a.byName[name] = asset{mime: mime, body: body, gzip: packed.Bytes()}
	a.url[base] = "/static/" + name
	return nil
}

// serveStatic sends an embedded file under its hashed name.
func (s *Server) serveStatic(w http.ResponseWriter, r *http.Request) error {
	f, ok := s.assets.byName[r.PathValue("name")]
	if !ok {
		return problem{http.StatusNotFound, "not_found", "no such file; load the page again"}
	}
	h := w.Header()
	h.Set("Content-Type", f.mime)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	body := f.body
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = f.gzip
	}
	_, _ = w.Write(body)
	return nil
}
