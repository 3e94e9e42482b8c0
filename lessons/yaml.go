package lessons

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// yamlMistake is something that is wrong with YAML, in an author's words.
type yamlMistake struct {
	line        int // from 1
	wrong, mend string
}

// yamlSays is what the decoder says, and what that means to who wrote it. Each form is of the whole message.
var yamlSays = []struct {
	form        *regexp.Regexp
	wrong, mend string
}{
	{regexp.MustCompile(`^field (\S+) not found in type .*$`), `there is no key "$1"`, ""},
	{regexp.MustCompile(`^mapping key "(\S+)" already defined at line \d+$`), `$1 stands here twice`, "leave one of them out"},
	{regexp.MustCompile("^cannot unmarshal !!\\w+ (?:`(.*)` )?into int$"), `"$1" is no whole number`, "write it in digits"},
	{regexp.MustCompile(`^cannot unmarshal .*into \[\]string$`), "here stands no list", "write it in brackets, as in [code-flow, two-steps]"},
	{regexp.MustCompile(`^cannot unmarshal .*into string$`), "here stands no line of text", "write one, in quotes if it has a colon or a #"},
	{regexp.MustCompile(`^cannot unmarshal .*$`), "here stand no pairs of names and values", "write a name, a colon and a value, one a line"},
	{regexp.MustCompile(`^mapping values are not allowed in this context$`), "here is one colon too many, or a line that begins too far in", "put a value with a colon in quotes, and begin each key in the first column"},
	{regexp.MustCompile(`^did not find expected (?:key|'-' indicator)$`), "the lines from here on do not belong together", "begin in one column what belongs together, and write a ' inside '…' twice"},
	{regexp.MustCompile(`^did not find expected ',' or '[\]}]'$`), "a bracket is not closed", "close it, with commas between what is in it"},
	{regexp.MustCompile(`^could not find expected ':'$`), "this is a name without a value", "write a colon, a space and a value behind it"},
	{regexp.MustCompile(`^found character that cannot start any token$`), "a value begins with a character that YAML keeps for itself", "put the value in quotes"},
	{regexp.MustCompile(`^found unexpected end of stream$`), "a quotation mark is not closed", "close it"},
}

var (
	yamlLine   = regexp.MustCompile(`^(?:yaml: )?line (\d+): `)
	tabInFront = regexp.MustCompile(`(?m)^ *\t+ *[^\s#]`)
)

// decodeYAML reads YAML as strictly as there is: no key is in it that v hasn't. Nothing at all leaves v as it is.
func decodeYAML(src []byte, v any) []yamlMistake {
	if line := notUTF8(src); line > 0 {
		return []yamlMistake{{line, notUTF8Wrong, notUTF8Mend}}
	}
	if at := tabInFront.FindIndex(src); at != nil {
		return []yamlMistake{{bytes.Count(src[:at[0]], []byte("\n")) + 1, "this line begins with a tab", "begin it with spaces"}}
	}
	d := yaml.NewDecoder(bytes.NewReader(src))
	d.KnownFields(true)
	err := d.Decode(v)
	var several *yaml.TypeError
	switch {
	case err == nil, errors.Is(err, io.EOF): // there are comments alone
		return nil
	case errors.As(err, &several):
		var list []yamlMistake
		for _, text := range several.Errors {
			list = append(list, mistakeOf(text))
		}
		return list
	}
	return []yamlMistake{mistakeOf(err.Error())}
}

// mistakeOf puts what the decoder says into words.
func mistakeOf(text string) yamlMistake {
	m := yamlMistake{line: 1}
	if at := yamlLine.FindStringSubmatch(text); at != nil {
		fmt.Sscan(at[1], &m.line)
		text = text[len(at[0]):]
	}
	text = strings.TrimPrefix(text, "yaml: ")
	for _, says := range yamlSays {
		if at := says.form.FindStringSubmatchIndex(text); at != nil {
			if strings.HasSuffix(says.wrong, "bracket is not closed") {
				m.line++ // of these alone the decoder counts from 0
			}
			m.wrong, m.mend = string(says.form.ExpandString(nil, says.wrong, text, at)), says.mend
			return m
		}
	}
	m.wrong, m.mend = "this can't be read: "+text, "a value with a colon or a # stands in quotes"
	return m
}
