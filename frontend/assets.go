package frontend

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed dist
var dist embed.FS

// asset is a built file, as it is and compressed.
type asset struct {
	plain, gzip []byte
	hash        string
	preloads    []string // the addresses of the chunks that a script can't begin without
}

// assets reads the built files once.
var assets = sync.OnceValue(func() map[string]asset {
	all := map[string]asset{}
	fs.WalkDir(dist, "dist", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) == ".gz" {
			return err
		}
		plain, err := dist.ReadFile(name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(plain)
		a := asset{plain: plain, hash: base64.RawURLEncoding.EncodeToString(sum[:9])}
		if gz, err := dist.ReadFile(name + ".gz"); err == nil {
			a.gzip = gz
		}
		if path.Ext(name) == ".js" {
			for _, m := range static.FindAllSubmatch(plain, -1) {
				a.preloads = append(a.preloads, "/assets/"+string(m[1]))
			}
		}
		all[strings.TrimPrefix(name, "dist/")] = a
		return nil
	})
	return all
})

// AssetURL is the address of a built file, with its hash: what is there may be kept for ever.
func AssetURL(name string) string {
	return "/assets/" + name + "?v=" + assets()[name].hash
}

// static finds the chunks that a script can't begin without.
var static = regexp.MustCompile(`(?:from|import)"\./(chunks/[^"]+)"`)

// Preloads are the addresses of the chunks that a script can't begin without: asked for along with it, they cost no wait.
func Preloads(script string) []string { return assets()[script].preloads }

// Element is the script of <oauth-lesson>, as it is and compressed, and its entity tag.
func Element() (plain, gzip []byte, tag string) {
	a := assets()["embed.js"]
	return a.plain, a.gzip, a.hash
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
		body, tag := a.plain, a.hash
		if a.gzip != nil && AcceptsGzip(r.Header.Get("Accept-Encoding")) {
			h.Set("Content-Encoding", "gzip")
			body, tag = a.gzip, a.hash+"-gzip" // another representation: another strong validator (RFC 9110 §8.8.3)
			if r.Header.Get("Range") == "" {
				h.Set("Content-Length", strconv.Itoa(len(body))) // ServeContent leaves this out of what is encoded
			}
		}
		h.Set("ETag", `"`+tag+`"`)
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(body)) // conditions, ranges, HEAD
	})
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
