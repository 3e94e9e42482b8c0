package playground

import (
	"fmt"
	"net/url"
	"strings"
)

// EmbedOrigins reads who may show embeds in their pages: origins with commas between them, as in
// https://docs.example,https://*.example.org. "*" is anybody, which is nil; "none" is nobody but this server's own pages.
func EmbedOrigins(list string) ([]string, error) {
	switch strings.TrimSpace(list) {
	case "", "*":
		return nil, nil
	case "none":
		return []string{}, nil
	}
	var origins []string
	for o := range strings.SplitSeq(list, ",") {
		if o = strings.TrimSpace(o); o == "" {
			continue
		}
		// A host-source of a Content-Security-Policy (CSP Level 3 §2.3.1), of which an origin is all that makes sense here.
		u, err := url.Parse(strings.Replace(o, "://*.", "://any.", 1))
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.Host+u.Path != strings.TrimPrefix(u.String(), u.Scheme+"://") || strings.Trim(u.Path, "/") != "" || strings.ContainsAny(u.Host, "*;' ") {
			return nil, fmt.Errorf("%q is no origin: it is written as in https://docs.example or https://*.example.org, and the list as *, none, or origins with commas between them", o)
		}
		origins = append(origins, strings.ToLower(strings.TrimSuffix(o, "/")))
	}
	return origins, nil
}

// embedAncestors is the frame-ancestors directive of embeds and of the frames in them. Where anybody may, there is none: * would
// leave out pages that were opened as a file and pages in a sandbox.
func embedAncestors(origins []string) string {
	if origins == nil {
		return ""
	}
	return "; frame-ancestors " + strings.Join(append([]string{"'self'"}, origins...), " ")
}
