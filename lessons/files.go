package lessons

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// In an author's folder lies whatever lies there: a link to nowhere, a pipe, a file that nobody may read, a film by mistake. What is
// wrong with one file is told of that one, and the others are read.

// maxText is how large a lesson or a course file may be: the longest lesson here has 20 kB.
const maxText = 1 << 20

// maxRun is how large a recorded run may be: the longest here has 230 kB.
const maxRun = 16 << 20

// A lesson's file is named by its number and its slug. The slug stands in addresses, and so does the name of its folder, its track.
var (
	lessonFile = regexp.MustCompile(`^(\d+)-([a-z0-9][a-z0-9-]*)\.md$`)
	trackName  = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)
)

// Files names what is a lesson, or should be one, in a folder: each of its folders is a track, and a Markdown file in that a
// lesson. Files beside the tracks are texts about them, unless they begin with a number; what lies deeper, or is hidden,
// belongs to somebody else. The problems are tracks that can't be read; the error is a folder that can't.
func Files(fsys fs.FS) (names []string, shut []Problem, err error) {
	top, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, nil, err
	}
	for _, d := range top {
		switch {
		case strings.HasPrefix(d.Name(), "."):
		case !isDir(fsys, d):
			if path.Ext(d.Name()) == ".md" && strings.ContainsAny(d.Name()[:1], "0123456789") {
				names = append(names, d.Name())
			}
		default:
			inside, err := fs.ReadDir(fsys, d.Name())
			if err != nil {
				shut = append(shut, unreadable(d.Name(), RuleFile, err))
				continue
			}
			for _, f := range inside {
				if !f.IsDir() && path.Ext(f.Name()) == ".md" && f.Name() != "README.md" && !strings.HasPrefix(f.Name(), ".") {
					names = append(names, path.Join(d.Name(), f.Name()))
				}
			}
		}
	}
	return names, shut, nil
}

// isDir tells whether an entry at the top is a folder, or a link to one.
func isDir(fsys fs.FS, d fs.DirEntry) bool {
	if d.Type()&fs.ModeSymlink == 0 {
		return d.IsDir()
	}
	info, err := fs.Stat(fsys, d.Name())
	return err == nil && info.IsDir()
}

var (
	errNoFile   = errors.New("no plain file")
	errTooLarge = errors.New("too large")
)

// readFile reads a file of an author's folder. It waits for no pipe, and takes in no more than the file may have.
func readFile(fsys fs.FS, name string, most int64) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errNoFile
	case info.Size() > most:
		return nil, errTooLarge
	}
	return fs.ReadFile(fsys, name)
}

// unreadable says in words why a file or a folder can't be read.
func unreadable(name string, rule Rule, err error) Problem {
	p := Problem{File: name, Line: 1, Rule: rule}
	var at *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		p.Text, p.Mend = "this leads to nothing", "take the link away, or put back what it leads to"
	case errors.Is(err, fs.ErrPermission):
		p.Text, p.Mend = "the playground may not read this", "let whoever runs it do so, as with chmod a+rX"
	case errors.Is(err, errNoFile):
		p.Text, p.Mend = "this is no plain file", "put one in its place, or give it another name"
	case errors.Is(err, errTooLarge):
		p.Text, p.Mend = fmt.Sprintf("this is larger than %d MB", maxText>>20), "keep the text, and leave out what is none"
	case errors.As(err, &at):
		p.Text = "this can't be read: " + at.Err.Error()
	default:
		p.Text = "this can't be read: " + err.Error()
	}
	return p
}

// What is said of a line that is no UTF-8.
const (
	notUTF8Wrong = "this line is not UTF-8"
	notUTF8Mend  = "save the file in that encoding"
)

// notUTF8 is the first line that is no UTF-8, counted from 1; 0 if all is.
func notUTF8(src []byte) int {
	for i, line := range bytes.Split(src, []byte("\n")) {
		if !utf8.Valid(line) {
			return i + 1
		}
	}
	return 0
}

// readLesson reads one file; nil if it has problems.
func readLesson(fsys fs.FS, name string, v Vocabulary) (*Lesson, []Problem) {
	var at Lesson
	wrong := Problem{File: name, Line: 1, Rule: RuleFile}
	switch dir := path.Dir(name); {
	case dir == ".":
		wrong.Text, wrong.Mend = "this lesson lies in no folder", "put it into one, which is its track, as in core/"+name
		return nil, []Problem{wrong}
	case !trackName.MatchString(dir):
		wrong.Text, wrong.Mend = fmt.Sprintf("the folder %q can't be a track", dir), "name it with small letters, digits and hyphens; what people read is said in course.yaml, under tracks"
		return nil, []Problem{wrong}
	case !at.place(name):
		wrong.Text, wrong.Mend = "this file has another name than a lesson", "name it by its number and its slug, as in 03-code-flow.md, with small letters, digits and hyphens; what is no lesson lies beside the folders"
		return nil, []Problem{wrong}
	}
	src, err := readFile(fsys, name, maxText)
	if err != nil {
		return nil, []Problem{unreadable(name, RuleFile, err)}
	}
	l, err := Parse(name, src, v)
	if err != nil {
		return nil, Problems(err)
	}
	l.place(name)
	l.from = fsys
	return l, nil
}

// place reads track, number and slug from a file's name: core/03-code-flow.md.
func (l *Lesson) place(name string) bool {
	m := lessonFile.FindStringSubmatch(path.Base(name))
	if m == nil {
		return false
	}
	n, err := strconv.Atoi(m[1])
	l.Track, l.Number, l.Slug = path.Dir(name), n, m[2]
	return err == nil
}

// slugOf is the slug that a file of this name has.
func slugOf(name string) string {
	_, slug, _ := strings.Cut(strings.TrimSuffix(path.Base(name), ".md"), "-")
	return slug
}

// GoldenFile is where the recorded run of a lesson lies. Beside it may be the same, packed by gzip, with .gz behind: people read the
// one, and programs the other.
func GoldenFile(lesson string) string { return strings.TrimSuffix(lesson, ".md") + ".golden.ndjson" }
