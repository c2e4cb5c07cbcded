package influxtest

import (
	"testing"
)

// A DB is a Process that belongs to a test: what goes wrong fails the test,
// and the process ends with it.
type DB struct {
	*Process
	t testing.TB
}

// Start runs influxd for the rest of the test with its data in t.TempDir().
func Start(t testing.TB) *DB {
	t.Helper()
	return StartIn(t, t.TempDir())
}

// StartIn is Start with the data in dir, which must outlive the test's
// cleanup.
func StartIn(t testing.TB, dir string) *DB {
	t.Helper()
	p, err := Launch(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return &DB{Process: p, t: t}
}

// CreateDatabase creates a database; it may exist.
func (d *DB) CreateDatabase(name string) {
	d.t.Helper()
	if err := d.Process.CreateDatabase(d.t.Context(), name); err != nil {
		d.t.Fatal(err)
	}
}

// Query returns the rows of one InfluxQL statement.
func (d *DB) Query(database, influxQL string) []Row {
	d.t.Helper()
	rows, err := d.Process.Query(d.t.Context(), database, influxQL)
	if err != nil {
		d.t.Fatal(err)
	}
	return rows
}

// Stop ends influxd cleanly; Restart brings it back.
func (d *DB) Stop() {
	d.t.Helper()
	if err := d.Process.Stop(); err != nil {
		d.t.Fatal(err)
	}
}

// Restart starts influxd again at the same address with the same data,
// stopping it first when it runs.
func (d *DB) Restart() {
	d.t.Helper()
	d.Stop()
	if err := d.Process.Start(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
}
