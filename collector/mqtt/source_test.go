package mqtt_test

import (
	"crypto/x509"
	"errors"
	"fmt"
	"testing"
	"time"

	"andon/collector/mqtt"
	"andon/collector/mqtt/mqtttest"
	"andon/plant"
)

func TestCountsOfAPackerLandInTheTreeWithTheirOwnTime(t *testing.T) {
	b := broker(t)
	s := newStation(t, config(b.URL(), counts)).up()
	line := b.Connect(t, mqtttest.ClientOptions{})
	line.Publish(a3+"/count", `{"ts":1772438400123,"total":18233,"reject":17}`)

	want := plant.At(time.UnixMilli(1772438400123))
	for tag, v := range map[string]uint64{"total": 18233, "reject": 17} {
		if got := s.wait(a3+"/"+tag, plant.Uint(v)); got.Time != want || got.Status != plant.Good {
			t.Errorf("%s: got time %v and status %v, want %v and good", tag, got.Time, got.Status, want)
		}
	}
	if err := s.stop(); err != nil {
		t.Errorf("run after stop: got error %v, want nil", err)
	}
}

func TestTopicNamesTheTag(t *testing.T) {
	b := broker(t)
	s := newStation(t, config(b.URL(),
		mqtt.Subscription{Topic: "northfield/packing/lineA/A3/{tag}", Equipment: "", Payload: mqtt.PayloadScalar,
			Place: mqtt.Place{Area: "packing", Line: "lineA", Equipment: "A3"}},
		mqtt.Subscription{Topic: "cell/+/{tag}/value", Equipment: "northfield/moulding/lineB/B1", Time: "t"})).up()
	press := b.Connect(t, mqtttest.ClientOptions{})
	before := plant.At(time.Now())
	press.Publish(a3+"/total", "42")
	press.Publish(a3+"/state", "RUN")
	press.Publish("cell/7/resin/value", `{"t":"2026-03-02T08:00:00Z","value":12.75}`)
	press.Publish("cell/7/guard_open/value", `{"t":1772438400,"value":"on"}`)

	if got := s.wait(a3+"/total", plant.Uint(42)); got.Time < before {
		t.Errorf("time of a scalar: got %v, want that of its arrival after %v", got.Time, before)
	}
	s.wait(a3+"/state", plant.Text("RUN"))
	if got, want := s.wait("northfield/moulding/lineB/B1/resin", plant.Float(12.75)).Time.String(), "2026-03-02T08:00:00Z"; got != want {
		t.Errorf("time: got %s, want %s", got, want)
	}
	s.wait("northfield/moulding/lineB/B1/guard_open", plant.Bool(true))
}

func TestTagWithATopicAsAddressNeedsNoSubscription(t *testing.T) {
	b := broker(t)
	s := newStation(t, config(b.URL())).up()
	b.Connect(t, mqtttest.ClientOptions{}).Publish("shellies/press4/energy", "1204.5")
	s.wait("northfield/moulding/lineB/B4/energy", plant.Float(1204.5))
}

func TestRetainedStateIsThereAfterTheStart(t *testing.T) {
	b := broker(t)
	line := b.Connect(t, mqtttest.ClientOptions{})
	line.PublishRetained(a3+"/state", `{"ts":1772438400123,"state":"STARVED","reason":"infeed"}`)
	s := newStation(t, config(b.URL(), mqtt.Subscription{Topic: "{site}/{area}/{line}/{equipment}/state", Time: "ts",
		Tags: map[string]string{"state": "state", "stop_reason": "reason"}})).up()
	got := s.wait(a3+"/state", plant.Text("STARVED"))
	if want := plant.At(time.UnixMilli(1772438400123)); got.Time != want {
		t.Errorf("time of a retained state: got %v, want its own %v", got.Time, want)
	}
	s.wait(a3+"/stop_reason", plant.Text("infeed"))
}

func TestLastWillMarksTheEquipmentBad(t *testing.T) {
	b := broker(t)
	s := newStation(t, config(b.URL(), counts,
		mqtt.Subscription{Topic: "{site}/{area}/{line}/{equipment}/status", Payload: mqtt.PayloadStatus})).up()
	packer := b.Connect(t, mqtttest.ClientOptions{WillTopic: a3 + "/status", Will: "offline", WillRetainedAsWell: true})
	packer.PublishRetained(a3+"/status", "online")
	packer.Publish(a3+"/count", `{"ts":1772438400123,"total":5}`)
	s.wait(a3+"/total", plant.Uint(5))

	packer.Break()
	s.waitStatus(plant.BadNoCommunication, a3+"/state", a3+"/stop_reason", a3+"/total", a3+"/reject")
	for _, x := range s.sink.Samples() {
		if x.Tag.Equipment.Name == "A4" {
			t.Errorf("A4: got sample %+v, want none, as only A3 went offline", x)
		}
	}
}

func TestOneBadTopicDoesNotStopTheOthers(t *testing.T) {
	b := broker(t)
	s := newStation(t, config(b.URL(), counts)).up()
	line := b.Connect(t, mqtttest.ClientOptions{})
	line.Publish(a3+"/count", `{"ts":1772438400123,"total":`)
	line.Publish("northfield/packing/lineA/A9/count", `{"total":1}`)
	line.Publish("northfield/packing/lineA/A4/count", `{"ts":1772438400123,"total":"many"}`)
	line.Publish(a3+"/count", `{"ts":1772438400124,"total":6}`)

	s.wait(a3+"/total", plant.Uint(6))
	s.waitStatus(plant.BadTypeMismatch, "northfield/packing/lineA/A4/total")
	s.trouble(a3+"/count", "payload is not JSON")
	s.trouble("northfield/packing/lineA/A9/count", "no equipment northfield/packing/lineA/A9")
	s.trouble("northfield/packing/lineA/A4/count", "tag total: want uint, got text")
}

func TestWrongPasswordIsSaid(t *testing.T) {
	b := mqtttest.Start(t, mqtttest.Options{Users: []mqtttest.User{{Name: "andon", Password: "right"}}})
	c := config(b.URL(), counts)
	c.Username, c.Password = "andon", "wrong"
	err := newStation(t, c).run().ended()
	if want := "connect to " + b.URL() + ": not Authorized"; err == nil || err.Error() != want {
		t.Errorf("run with a wrong password: got error %v, want %s", err, want)
	}
	c.Password = "right"
	s := newStation(t, c).up()
	b.Connect(t, mqtttest.ClientOptions{User: "andon", Password: "right"}).Publish(a3+"/count", `{"total":1}`)
	s.wait(a3+"/total", plant.Uint(1))
}

func TestRefusedTopicFilterIsSaidAndTheOthersFlow(t *testing.T) {
	b := mqtttest.Start(t, mqtttest.Options{Users: []mqtttest.User{
		{Name: "andon", Password: "secret", DenySubscribe: []string{"secret.>"}}}})
	hidden := mqtt.Subscription{Topic: "secret/{tag}", Equipment: a3, Payload: mqtt.PayloadScalar}
	c := config(b.URL(), hidden, counts)
	c.Username, c.Password = "andon", "secret"
	s := newStation(t, c).up()
	s.trouble("secret/+", "the broker refused the subscription")
	b.Connect(t, mqtttest.ClientOptions{User: "andon", Password: "secret"}).Publish(a3+"/count", `{"total":1}`)
	s.wait(a3+"/total", plant.Uint(1))
}

func TestEncryptedConnectionTrustsOnlyTheGivenAuthority(t *testing.T) {
	own, other := mqtttest.NewAuthority(t), mqtttest.NewAuthority(t)
	b := mqtttest.Start(t, mqtttest.Options{TLS: own})
	c := config(b.URL(), counts)
	c.TLS.CAFile = own.File()
	s := newStation(t, c).up()
	b.Connect(t, mqtttest.ClientOptions{}).Publish(a3+"/count", `{"total":1}`)
	s.wait(a3+"/total", plant.Uint(1))
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}

	var unknown x509.UnknownAuthorityError
	c.TLS.CAFile = other.File()
	if err := newStation(t, c).run().ended(); !errors.As(err, &unknown) {
		t.Errorf("run with another authority: got error %v, want %T", err, unknown)
	}
	var misnamed x509.HostnameError
	c.TLS = mqtt.TLSConfig{CAFile: own.File(), ServerName: "broker.example"}
	if err := newStation(t, c).run().ended(); !errors.As(err, &misnamed) {
		t.Errorf("run with another server name: got error %v, want %T", err, misnamed)
	}
	c.TLS.ServerName = "broker.test"
	newStation(t, c).up()
}

func TestBrokerBehindAWebSocket(t *testing.T) {
	b := mqtttest.Start(t, mqtttest.Options{WebSocket: true})
	s := newStation(t, config(b.WebSocketURL(), counts)).up()
	b.Connect(t, mqtttest.ClientOptions{}).Publish(a3+"/count", `{"total":1}`)
	s.wait(a3+"/total", plant.Uint(1))
	if err := s.stop(); err != nil {
		t.Errorf("run after stop: got error %v, want nil", err)
	}
}

func TestQoS0AndCleanSessionLeaveNothingAtTheBroker(t *testing.T) {
	b := broker(t)
	zero, subscription := 0, counts
	subscription.QoS = &zero
	c := config(b.URL(), subscription)
	c.CleanSession = true
	s := newStation(t, c).up()
	line := b.Connect(t, mqtttest.ClientOptions{})
	publishTotals(line, 1, 1)
	s.waitTotals(1, 1)
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	publishTotals(line, 2, 2)
	s.up()
	publishTotals(line, 3, 3)
	s.waitTotals(3, 3)
	for _, x := range s.sink.Samples() {
		if x.Value == plant.Uint(2) {
			t.Errorf("total 2, published while andon was away: got %+v, want it lost", x)
		}
	}
}

func TestBatchesAreFormedUnderLoad(t *testing.T) {
	b := broker(t)
	s := newStation(t, config(b.URL(), counts)).up()
	line := b.Connect(t, mqtttest.ClientOptions{})
	s.sink.Block()
	const n = 300
	for i := range n {
		line.PublishFast(a3+"/count", fmt.Sprintf(`{"ts":%d,"total":%d}`, 1772438400000+i, i))
	}
	s.sink.Wait(t, "a blocked Put", func(*sink) bool { return s.sink.Waiting() > 0 })
	line.Publish(a3+"/count", `{"ts":1772438500000,"total":1000}`)
	s.sink.Unblock()
	s.wait(a3+"/total", plant.Uint(1000))
	if got := len(s.sink.Batches()); got > n/3 {
		t.Errorf("batches for %d messages: got %d, want them gathered", n+1, got)
	}
}
