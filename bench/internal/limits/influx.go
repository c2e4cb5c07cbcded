package limits

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Influx writes line protocol to InfluxDB as fast as it takes it.
type Influx struct {
	URL, Database string
	Writers       int
	// Gzip compresses the requests at the fastest level.
	Gzip bool
}

// batch is how many points a request holds; each has one field.
const batch = 5000

// Run writes until in ends.
func (i Influx) Run(ctx context.Context, in io.Reader, out io.Writer) error {
	ctx, stop := context.WithCancel(ctx)
	var n atomic.Int64
	var writers sync.WaitGroup
	errs := make([]error, i.Writers)
	for w := range i.Writers {
		writers.Go(func() { errs[w] = i.write(ctx, w, &n) })
	}
	err := serve(in, out, n.Load)
	stop()
	writers.Wait()
	return errors.Join(append(errs, err)...)
}

// write sends batch after batch until ctx is done. Every writer has series of
// its own and a time stamp for each batch.
func (i Influx) write(ctx context.Context, writer int, n *atomic.Int64) error {
	series := make([][]byte, batch)
	for s := range series {
		series[s] = fmt.Appendf(nil, "telemetry,site=bench,area=hall,line=l%d%02d,equipment=m%04d temp=", writer, s/100, s)
	}
	at := time.Now().UnixMilli()
	var text, packed bytes.Buffer
	for ctx.Err() == nil {
		text.Reset()
		at++
		for s, head := range series {
			text.Write(head)
			b := strconv.AppendInt(text.AvailableBuffer(), int64(40+s%20), 10)
			b = append(append(b, ".125 "...), strconv.FormatInt(at, 10)...)
			text.Write(append(b, '\n'))
		}
		body := &text
		if i.Gzip {
			packed.Reset()
			if err := compress(&packed, text.Bytes()); err != nil {
				return err
			}
			body = &packed
		}
		if err := i.post(ctx, body); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		n.Add(batch)
	}
	return nil
}

func compress(to *bytes.Buffer, text []byte) error {
	z, err := gzip.NewWriterLevel(to, gzip.BestSpeed)
	if err != nil {
		return fmt.Errorf("start compressing: %w", err)
	}
	if _, err := z.Write(text); err != nil {
		return fmt.Errorf("compress: %w", err)
	}
	return z.Close()
}

func (i Influx) post(ctx context.Context, body *bytes.Buffer) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, i.URL+"/write?precision=ms&db="+i.Database, body)
	if err != nil {
		return fmt.Errorf("write to InfluxDB: %w", err)
	}
	if i.Gzip {
		req.Header.Set("Content-Encoding", "gzip")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("write to InfluxDB: %w", err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("read the answer of InfluxDB: %w", err)
	}
	if resp.StatusCode != http.StatusNoContent {
		return fmt.Errorf("write to InfluxDB: %s: %s", resp.Status, answer)
	}
	return nil
}
