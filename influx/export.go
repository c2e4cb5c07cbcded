package influx

import "andon/plant"

// Lines encodes messages of the stream as what a Writer writes of them, for
// those who load it by hand. It is not safe for concurrent use.
type Lines struct{ encoder *encoder }

// NewLines returns Lines for the tags of tree.
func NewLines(tree *plant.Tree) *Lines { return &Lines{newEncoder(tree)} }

// Append appends the lines of a message to dst, each with its line end.
func (l *Lines) Append(dst []byte, m *plant.Message) []byte {
	dst, _ = l.encoder.message(dst, m)
	l.encoder.commit()
	return dst
}
