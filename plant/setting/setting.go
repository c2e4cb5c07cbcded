// Package setting holds what the configuration of every package shares: the
// list of problems a Validate reports and the type of a secret. It imports
// the standard library only.
package setting

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// A Problem is one thing wrong in a configuration: the key path where it
// stands and what is wanted there.
type Problem struct {
	Path string // such as sources[2].opcua.endpoint
	Want string
	// Elsewhere is true when Path is that of a whole configuration although
	// the check of one part found it, such as a tag's address that its source
	// cannot read.
	Elsewhere bool
}

// Error returns "path: want …".
func (p Problem) Error() string { return p.Path + ": want " + p.Want }

// Problems is the list of all problems of a configuration, in order.
type Problems []Problem

// Add appends one problem.
func (p *Problems) Add(path, format string, args ...any) {
	*p = append(*p, Problem{Path: path, Want: fmt.Sprintf(format, args...)})
}

// AddElsewhere appends one problem whose path is that of a whole
// configuration, outside of the part that is checked.
func (p *Problems) AddElsewhere(path, format string, args ...any) {
	*p = append(*p, Problem{Path: path, Want: fmt.Sprintf(format, args...), Elsewhere: true})
}

// Under appends the problems of a part whose paths are relative to path, but
// for those that are elsewhere.
func (p *Problems) Under(path string, part Problems) {
	for _, q := range part {
		switch {
		case q.Elsewhere:
		case q.Path == "":
			q.Path = path
		default:
			q.Path = path + "." + q.Path
		}
		*p = append(*p, q)
	}
}

// Some lists names for people, but not thousands of them.
func Some(names []string) string {
	const most = 12
	if more := len(names) - most; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), more)
	}
	return strings.Join(names, ", ")
}

// Err returns nil for no problem, else one error that joins them all.
func (p Problems) Err() error {
	errs := make([]error, len(p))
	for i := range p {
		errs[i] = p[i]
	}
	return errors.Join(errs...)
}

// A File is a path in a configuration. The loader makes relative ones
// relative to the folder of the configuration file.
type File string

// A Secret prints as <secret> everywhere but through Reveal.
type Secret string

// String returns "<secret>", or "" when there is none.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "<secret>"
}

// GoString keeps %#v from printing the secret.
func (s Secret) GoString() string { return s.String() }

// MarshalText keeps encoders from writing the secret.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalYAML keeps YAML encoders from writing the secret.
func (s Secret) MarshalYAML() (any, error) { return s.String(), nil }

// Reveal returns the secret itself.
func (s Secret) Reveal() string { return string(s) }

// Read returns value, or when file is set the content of file without the
// line end.
func Read(value Secret, file File) (Secret, error) {
	if file == "" {
		return value, nil
	}
	b, err := os.ReadFile(string(file))
	if err != nil {
		return "", fmt.Errorf("read secret: %w", err)
	}
	return Secret(strings.TrimRight(string(b), "\r\n")), nil
}
