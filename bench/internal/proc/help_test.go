package proc_test

import (
	"os"
	"testing"
)

// once closes itself at the first write.
type once chan struct{}

func (o once) Write(p []byte) (int, error) {
	select {
	case <-o:
	default:
		close(o)
	}
	return len(p), nil
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
