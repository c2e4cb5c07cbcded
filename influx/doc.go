// Package influx copies an area's stream to InfluxDB: telemetry as it was
// measured, and the points that the engine derived. It is the only package
// that knows InfluxDB's tags, fields and line protocol; docs/influxdb.md
// describes the schema.
//
// A Writer reads messages in order, encodes them and writes them in batches,
// one request at a time. The stream is its only buffer: the position in it
// moves after InfluxDB has answered 2xx, and not before. So nothing that
// InfluxDB did not take is lost, whatever stops, and what is written twice
// after a crash replaces itself, because a point is identified by its tags
// and the time stamp of its source.
//
// What InfluxDB answers decides what happens: an outage is waited for with a
// back-off, a refused credential or a missing bucket holds the stream and
// shows in Healthy, a request that is too large is split, and a line that
// InfluxDB refuses goes to the dead letters with the reason while all others
// are written.
package influx
