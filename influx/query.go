package influx

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"andon/plant"
)

const (
	maxAnswerBytes = 64 << 20 // of a query
	statusQueries  = 50       // statements in one request
)

// createDatabase creates the database of InfluxDB 1.8 or 3; it is no error
// when it exists.
func (c *client) createDatabase(ctx context.Context) error {
	name, _ := c.config.database()
	_, err := c.query(ctx, `CREATE DATABASE "`+strings.ReplaceAll(name, `"`, `\"`)+`"`)
	if err != nil {
		return fmt.Errorf("create database: %w", err)
	}
	return nil
}

// statusFields returns the names of the status fields that the measurement
// telemetry has.
func (c *client) statusFields(ctx context.Context) ([]string, error) {
	answer, err := c.query(ctx, `SHOW FIELD KEYS FROM "`+measurementTelemetry+`"`)
	if err != nil {
		return nil, err
	}
	var fields []string
	for _, s := range answer {
		for _, row := range s.Values {
			var name string
			if len(row) > 0 && json.Unmarshal(row[0], &name) == nil && strings.HasSuffix(name, statusSuffix) {
				fields = append(fields, name)
			}
		}
	}
	return fields, nil
}

// lastStatuses returns the last status of each of the fields and each
// equipment of an area, where it is not good.
func (c *client) lastStatuses(ctx context.Context, area string, fields []string) (map[statusID]tagStatus, error) {
	last := map[statusID]tagStatus{}
	for some := range slices.Chunk(fields, statusQueries) {
		var statements []string
		for _, f := range some {
			name := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(f)
			statements = append(statements, fmt.Sprintf(`SELECT LAST("%s") AS "%s" FROM "%s" WHERE "area" = '%s' GROUP BY "site", "area", "line", "equipment"`,
				name, name, measurementTelemetry, strings.ReplaceAll(cleanName(area), `'`, `\'`)))
		}
		answer, err := c.query(ctx, strings.Join(statements, ";"))
		if err != nil {
			return nil, err
		}
		for _, s := range answer {
			s.addStatus(last)
		}
	}
	return last, nil
}

// A resultSeries is one series of the answer to a query.
type resultSeries struct {
	Tags    map[string]string   `json:"tags"`
	Columns []string            `json:"columns"`
	Values  [][]json.RawMessage `json:"values"`
}

func (s resultSeries) addStatus(to map[statusID]tagStatus) {
	if len(s.Columns) != 2 || len(s.Values) == 0 || len(s.Values[0]) != 2 {
		return
	}
	at, err1 := strconv.ParseInt(string(s.Values[0][0]), 10, 64)
	code, err2 := strconv.ParseUint(string(s.Values[0][1]), 10, 32)
	if errors.Join(err1, err2) != nil || plant.Status(code).IsGood() {
		return
	}
	id := statusID{s.Tags["site"], s.Tags["area"], s.Tags["line"], s.Tags["equipment"], s.Columns[1]}
	to[id] = tagStatus{plant.Status(code), plant.Instant(at)}
}

// query runs InfluxQL statements and returns all series of the answer; times
// are in nanoseconds.
func (c *client) query(ctx context.Context, influxQL string) ([]resultSeries, error) {
	database, policy := c.config.database()
	form := url.Values{"db": {database}, "q": {influxQL}, "epoch": {"ns"}}
	if policy != "" {
		form.Set("rp", policy)
	}
	var answer []byte
	address := strings.TrimSuffix(c.config.URL, "/") + "/query"
	failure := c.influx.HTTPService().DoPostRequest(ctx, address, strings.NewReader(form.Encode()),
		func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") },
		func(r *http.Response) (err error) {
			defer func() { _ = r.Body.Close() }()
			answer, err = io.ReadAll(io.LimitReader(r.Body, maxAnswerBytes))
			return err
		})
	if failure != nil {
		return nil, failure
	}
	return decodeAnswer(answer)
}

func decodeAnswer(answer []byte) ([]resultSeries, error) {
	var a struct {
		Error   string `json:"error"`
		Results []struct {
			Error  string         `json:"error"`
			Series []resultSeries `json:"series"`
		} `json:"results"`
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return nil, fmt.Errorf("decode answer: %w", err)
	}
	if a.Error != "" {
		return nil, errors.New(a.Error)
	}
	var all []resultSeries
	for _, r := range a.Results {
		if r.Error != "" {
			return nil, errors.New(r.Error)
		}
		all = append(all, r.Series...)
	}
	return all, nil
}
