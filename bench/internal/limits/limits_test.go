package limits

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"

	"andon/bench/internal/generator"

	"github.com/gopcua/opcua/ua"
)

func TestTheMessageToDecodeHoldsAThousandValues(t *testing.T) {
	message, err := publishResponse()
	if err != nil {
		t.Fatal(err)
	}
	_, v, err := ua.DecodeService(message)
	if err != nil {
		t.Fatal(err)
	}
	resp, ok := v.(*ua.PublishResponse)
	if !ok {
		t.Fatalf("decoded %T, want a publish response", v)
	}
	change, ok := resp.NotificationMessage.NotificationData[0].Value.(*ua.DataChangeNotification)
	if !ok || len(change.MonitoredItems) != decodeItems {
		t.Fatalf("decoded %+v, want %d values", resp.NotificationMessage.NotificationData[0], decodeItems)
	}
	if got := change.MonitoredItems[999].Value.Value.Float(); got != 1039 {
		t.Errorf("the last value is %v, want 1039", got)
	}
}

func TestABareProgramTellsHowMuchItHasDoneWhenAsked(t *testing.T) {
	in, ask := io.Pipe()
	var out bytes.Buffer
	served := make(chan error)
	go func() { served <- Decode(in, &out) }()
	for range 2 {
		if _, err := io.WriteString(ask, "go\n"); err != nil {
			t.Fatal(err)
		}
	}
	ask.Close()
	if err := <-served; err != nil {
		t.Fatal(err)
	}
	var kinds []string
	var last int64
	for lines := json.NewDecoder(&out); ; {
		var e generator.Event
		if err := lines.Decode(&e); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if e.Sent < last {
			t.Errorf("%d samples after %d", e.Sent, last)
		}
		kinds, last = append(kinds, e.Event), e.Sent
	}
	if len(kinds) != 3 || kinds[0] != generator.Ready || kinds[2] != generator.Sent {
		t.Errorf("it said %v, want ready, sent, sent", kinds)
	}
}
