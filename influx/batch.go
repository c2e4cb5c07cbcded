package influx

import "andon/plant"

// A batch is what is written at once: whole messages.
type batch struct {
	messages []plant.Message
	buf      []byte // lines
	lines    int
	samples  int
	dead     []DeadLetter
	learned  map[string]bool // fields whose type the batch taught
}

// learn notes that the batch taught the type of a field.
func (b *batch) learn(field string) {
	if b.learned == nil {
		b.learned = map[string]bool{}
	}
	b.learned[field] = true
}

// add puts a message into the batch, unless it was done by an earlier Run.
func (w *Writer) add(m *plant.Message) {
	if m.Pos <= w.read {
		// Positions only fall when the stream was made anew: all of it is
		// new to InfluxDB.
		w.log.Warn("the stream begins anew, so does writing it", "position", m.Pos, "before", w.read)
		w.position = 0
	}
	w.read = m.Pos
	if m.Pos <= w.position {
		return
	}
	if len(w.batch.messages) == 0 {
		w.state.waiting(m.Time)
		w.gauge(w.metrics.oldest, float64(m.Time)/1e9)
	}
	w.batch.messages = append(w.batch.messages, *m)
	w.encode(m)
}

func (w *Writer) encode(m *plant.Message) {
	b := &w.batch
	var lines int
	b.buf, lines = w.encoder.message(b.buf, m)
	b.lines += lines
	b.samples += len(m.Samples)
}

// encodeAgain encodes the messages of the batch anew, after the encoder has
// learned what the database has.
func (w *Writer) encodeAgain() {
	w.encoder.rewind()
	b := &w.batch
	b.buf, b.lines, b.samples = b.buf[:0], 0, 0
	for i := range b.messages {
		w.encode(&b.messages[i])
	}
}
