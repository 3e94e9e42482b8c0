package frontend

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func get(t *testing.T, url string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest("GET", url, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func TestAssetsMayBeKeptForEverUnderTheirHash(t *testing.T) {
	for _, name := range []string{"lesson.js", "app.css", "icon.svg", "fonts/atkinson-hyperlegible-next-latin-wght-normal.woff2"} {
		res := get(t, AssetURL(name))
		if got := res.Header.Get("Cache-Control"); res.StatusCode != 200 || got != "public, max-age=31536000, immutable" {
			t.Errorf("%s: %d, Cache-Control %q", name, res.StatusCode, got)
		}
		if res.Header.Get("Content-Type") == "" || res.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: type %q, sniffing %q", name, res.Header.Get("Content-Type"), res.Header.Get("X-Content-Type-Options"))
		}
	}
	for _, query := range []string{"", "?v=", "?v=older"} {
		if got := get(t, "/assets/lesson.js"+query).Header.Get("Cache-Control"); got != "no-cache" {
			t.Errorf("lesson.js%s: Cache-Control %q: another version would be kept", query, got)
		}
	}
}

func TestAssetsThatAreKnownAreNotSentAgain(t *testing.T) {
	tag := get(t, "/assets/lesson.js").Header.Get("ETag")
	if res := get(t, "/assets/lesson.js", "If-None-Match", tag); res.StatusCode != http.StatusNotModified {
		t.Errorf("%d with the right tag", res.StatusCode)
	}
	if res := get(t, "/assets/lesson.js", "If-None-Match", `"other"`); res.StatusCode != http.StatusOK {
		t.Errorf("%d with another tag", res.StatusCode)
	}
}

func TestAssetsAnswerListsRangesAndHead(t *testing.T) {
	tag := get(t, "/assets/lesson.js").Header.Get("ETag")
	for _, known := range []string{`"other", ` + tag, "W/" + tag, "*"} {
		if res := get(t, "/assets/lesson.js", "If-None-Match", known); res.StatusCode != http.StatusNotModified {
			t.Errorf("If-None-Match %s: %d", known, res.StatusCode)
		}
	}
	if zipped := get(t, "/assets/lesson.js", "Accept-Encoding", "gzip").Header.Get("ETag"); zipped == tag {
		t.Error("two representations have one validator")
	}
	res := get(t, "/assets/lesson.js", "Range", "bytes=0-9")
	if body, _ := io.ReadAll(res.Body); res.StatusCode != http.StatusPartialContent || len(body) != 10 {
		t.Errorf("a range: %d, %d bytes", res.StatusCode, len(body))
	}
}

func TestAssetsAreCompressedForThoseWhoCanRead(t *testing.T) {
	plain, _ := io.ReadAll(get(t, "/assets/lesson.js").Body)
	for accept, want := range map[string]string{"gzip": "gzip", "br, gzip;q=0.5": "gzip", "GZIP": "gzip", "": "", "br": "", "gzip;q=0": "", "x-gzipped": ""} {
		res := get(t, "/assets/lesson.js", "Accept-Encoding", accept)
		if got := res.Header.Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q: got %q, want %q", accept, got, want)
		}
		body, _ := io.ReadAll(res.Body)
		if res.Header.Get("Content-Length") != strconv.Itoa(len(body)) || res.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("Accept-Encoding %q: length %s of %d, Vary %q", accept, res.Header.Get("Content-Length"), len(body), res.Header.Get("Vary"))
		}
		if want == "gzip" {
			z, err := gzip.NewReader(bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if body, err = io.ReadAll(z); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(body, plain) {
			t.Errorf("Accept-Encoding %q: another file", accept)
		}
	}
}

// TestEverythingThatIsBuiltIsServed: only the compressed form of most files is in the binary.
func TestEverythingThatIsBuiltIsServed(t *testing.T) {
	built := os.DirFS("dist")
	err := fs.WalkDir(built, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) == ".gz" {
			return err
		}
		want, err := fs.ReadFile(built, name)
		if err != nil {
			return err
		}
		res := get(t, "/assets/"+name)
		if got, _ := io.ReadAll(res.Body); res.StatusCode != http.StatusOK || !bytes.Equal(got, want) {
			t.Errorf("%s: %d, %d bytes of %d", name, res.StatusCode, len(got), len(want))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestNothingElseIsServed(t *testing.T) {
	for _, path := range []string{"/assets/", "/assets/lesson.js.gz", "/assets/../doc.go", "/assets/fonts", "/assets/no.js"} {
		if res := get(t, path); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
}

// TestFontsOfTheStyleSheet: it names them by the addresses that the pages preload, or they would be loaded twice.
func TestFontsOfTheStyleSheet(t *testing.T) {
	css, _ := io.ReadAll(get(t, "/assets/app.css").Body)
	urls := regexp.MustCompile(`url\("?([^")]+)"?\)`).FindAllStringSubmatch(string(css), -1)
	fonts := 0
	for _, u := range urls {
		if !strings.HasPrefix(u[1], "fonts/") {
			continue
		}
		fonts++
		name, _, _ := strings.Cut(u[1], "?")
		if "/assets/"+u[1] != AssetURL(name) {
			t.Errorf("the style sheet loads %s, the pages %s", u[1], AssetURL(name))
		}
	}
	if fonts != 2 {
		t.Errorf("%d fonts in the style sheet", fonts)
	}
}
