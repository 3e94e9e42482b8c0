package lessons

import "embed"

// schemas are JSON Schemas of what an author writes as YAML, for editors. Tests hold them to what is read here.
//
//go:embed schema/*.json
var schemas embed.FS

// Schema is the JSON Schema of a lesson’s front matter, lesson.json, or of a course file, course.json; nil for any other name.
func Schema(name string) []byte {
	b, err := schemas.ReadFile("schema/" + name)
	if err != nil {
		return nil
	}
	return b
}
