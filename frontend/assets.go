package frontend

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"io"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// What is compressed is in the binary in that form alone, and unpacked for who can't read it: hardly anybody asks for that.
//
//go:embed dist/*.gz dist/chunks/*.gz dist/fonts
var dist embed.FS

// asset is a built file.
type asset struct {
	file   string // in dist
	packed bool   // by gzip
	hash   string // of what is in dist
	// preloads are the addresses of the chunks that a script can't begin without. They are found at their first need.
	preloads func() []string
}

// assets lists the built files by their names, once.
var assets = sync.OnceValue(func() map[string]asset {
	all := map[string]asset{}
	fs.WalkDir(dist, "dist", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := dist.Open(file)
		if err != nil {
			return err
		}
		defer f.Close()
		sum := sha256.New()
		io.Copy(sum, f)
		name, packed := strings.CutSuffix(strings.TrimPrefix(file, "dist/"), ".gz")
		a := asset{file: file, packed: packed, hash: base64.RawURLEncoding.EncodeToString(sum.Sum(nil)[:9])}
		a.preloads = sync.OnceValue(func() (list []string) {
			for _, m := range static.FindAllSubmatch(a.plain(), -1) {
				list = append(list, "/assets/"+string(m[1]))
			}
			return list
		})
		all[name] = a
		return nil
	})
	return all
})

// open opens the file as it is in dist; a file of an embed.FS can be sought in.
func (a asset) open() io.ReadSeeker {
	f, err := dist.Open(a.file)
	if err != nil {
		panic(err) // assets has seen it
	}
	return f.(io.ReadSeeker)
}

// plain is the file as it was before it was packed.
func (a asset) plain() []byte {
	var r io.Reader = a.open()
	if a.packed {
		z, err := gzip.NewReader(r)
		if err != nil {
			panic(err) // the bundle has written it
		}
		r = z
	}
	b, err := io.ReadAll(r)
	if err != nil {
		panic(err)
	}
	return b
}

// AssetURL is the address of a built file, with its hash: what is there may be kept for ever.
func AssetURL(name string) string {
	return "/assets/" + name + "?v=" + assets()[name].hash
}

// static finds the chunks that a script can't begin without.
var static = regexp.MustCompile(`(?:from|import)"\./(chunks/[^"]+)"`)

// Preloads are the addresses of the chunks that a script can't begin without: asked for along with it, they cost no wait.
func Preloads(script string) []string {
	if a, ok := assets()[script]; ok {
		return a.preloads()
	}
	return nil
}

// contentTypes are those of the files we build.
var contentTypes = map[string]string{
	".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".woff2": "font/woff2", ".svg": "image/svg+xml", ".json": "application/json", ".txt": "text/plain; charset=utf-8",
}

// Handler serves the built files below /assets/.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/assets/")
		a, ok := assets()[name]
		if !ok {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", contentTypes[path.Ext(name)])
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Vary", "Accept-Encoding")
		h.Set("Cache-Control", "no-cache")
		if r.URL.Query().Get("v") == a.hash || strings.HasPrefix(name, "chunks/") { // a chunk's name has its hash
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		a.serve(w, r)
	})
}

// ServeElement answers with the script of <oauth-lesson>; how long it may be kept, and by whom, the caller says.
func ServeElement(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", contentTypes[".js"])
	w.Header().Set("Vary", "Accept-Encoding")
	assets()["embed.js"].serve(w, r)
}

// serve sends the file, compressed to who can read that.
func (a asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	var body io.ReadSeeker
	tag := a.hash
	switch {
	case !a.packed:
		body = a.open()
	case AcceptsGzip(r.Header.Get("Accept-Encoding")):
		h.Set("Content-Encoding", "gzip")
		body, tag = a.open(), a.hash+"-gzip" // another representation: another strong validator (RFC 9110 §8.8.3)
		if r.Header.Get("Range") == "" {
			length, _ := body.Seek(0, io.SeekEnd)                  // ServeContent begins at the start again
			h.Set("Content-Length", strconv.FormatInt(length, 10)) // ServeContent leaves this out of what is encoded
		}
	default:
		body = bytes.NewReader(a.plain())
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, body) // conditions, ranges, HEAD
}

// AcceptsGzip reads an Accept-Encoding header: gzip must be in it, and not with q=0.
func AcceptsGzip(header string) bool {
	for offer := range strings.SplitSeq(header, ",") {
		coding, params, _ := strings.Cut(strings.TrimSpace(offer), ";")
		if !strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			continue
		}
		_, q, ok := strings.Cut(params, "=")
		weight, err := strconv.ParseFloat(strings.TrimSpace(q), 64)
		return !ok || err == nil && weight > 0
	}
	return false
}
