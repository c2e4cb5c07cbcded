package influxtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// A Row is one row of a query result: the text of each column that is not
// null, and of each tag that the query groups by. Times are Unix nanoseconds;
// numbers stand as InfluxDB wrote them, so an integer and a float of the same
// value look alike. The type of a field is in SHOW FIELD KEYS.
type Row map[string]string

// CreateDatabase creates a database; it is no error when it exists.
func (p *Process) CreateDatabase(ctx context.Context, name string) error {
	_, err := p.Query(ctx, "", `CREATE DATABASE "`+name+`"`)
	return err
}

// Query runs one InfluxQL statement on a database and returns its rows in the
// order of InfluxDB.
func (p *Process) Query(ctx context.Context, database, influxQL string) ([]Row, error) {
	form := url.Values{"db": {database}, "q": {influxQL}, "epoch": {"ns"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL()+"/query", strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	var answer response
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return nil, fmt.Errorf("query: decode answer %s: %w", resp.Status, err)
	}
	return answer.rows()
}

type response struct {
	Error   string `json:"error"`
	Results []struct {
		Error  string   `json:"error"`
		Series []series `json:"series"`
	} `json:"results"`
}

type series struct {
	Name    string              `json:"name"`
	Tags    map[string]string   `json:"tags"`
	Columns []string            `json:"columns"`
	Values  [][]json.RawMessage `json:"values"`
}

func (r response) rows() ([]Row, error) {
	if r.Error != "" {
		return nil, errors.New("query: " + r.Error)
	}
	var rows []Row
	for _, result := range r.Results {
		if result.Error != "" {
			return nil, errors.New("query: " + result.Error)
		}
		for _, s := range result.Series {
			for _, values := range s.Values {
				rows = append(rows, s.row(values))
			}
		}
	}
	return rows, nil
}

func (s series) row(values []json.RawMessage) Row {
	row := Row{}
	for k, v := range s.Tags {
		row[k] = v
	}
	for i, raw := range values {
		if string(raw) == "null" {
			continue
		}
		text := string(raw)
		if raw[0] == '"' {
			_ = json.Unmarshal(raw, &text) // valid: it is part of a decoded document
		}
		row[s.Columns[i]] = text
	}
	return row
}
