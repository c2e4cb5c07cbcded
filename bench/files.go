package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"andon/bench/internal/cases"
	"andon/bench/internal/report"
)

// A session is what one run of this program measures and where it writes it.
type session struct {
	rig    *cases.Rig
	report report.Report
	files  files
	out    io.Writer
	strict bool // what did not arrive is an error, and nothing else is told
}

// measure measures the cases and writes the files after each: what has been
// measured outlives an interruption.
func (s *session) measure(ctx context.Context, chosen []cases.Case) error {
	progress := newProgress(s.rig, chosen, time.Now)
	progress.begins()
	var problems []error
	for _, c := range chosen {
		s.rig.Say("case " + c.Name + ": " + c.Title)
		result, err := s.rig.Measure(ctx, c)
		if err != nil {
			return errors.Join(append(problems, err)...)
		}
		s.report.Results = append(s.report.Results, result)
		fmt.Fprintf(s.out, "\n%s\n%s\n", c.Title, s.report.Case(result))
		problems = append(problems, result.Valid())
		if s.strict {
			problems = append(problems, result.Complete())
		}
		if err := s.files.write(s.report); err != nil {
			return err
		}
		progress.done()
	}
	if !s.strict {
		fmt.Fprint(s.out, s.report.Budgets())
	}
	return errors.Join(problems...)
}

// files are those that were asked for, "" for those that were not.
type files struct{ json, markdown string }

func (f files) write(rep report.Report) error {
	for _, f := range []struct {
		name  string
		write func(io.Writer) error
	}{{f.json, rep.WriteJSON}, {f.markdown, rep.WriteMarkdown}} {
		if f.name == "" {
			continue
		}
		var b bytes.Buffer
		if err := f.write(&b); err != nil {
			return fmt.Errorf("write %s: %w", f.name, err)
		}
		if err := os.WriteFile(f.name, b.Bytes(), 0o644); err != nil {
			return fmt.Errorf("write the report: %w", err)
		}
	}
	return nil
}

// readReport reads what files.write wrote as JSON.
func readReport(name string) (rep report.Report, err error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return rep, fmt.Errorf("read results: %w", err)
	}
	if err := json.Unmarshal(text, &rep); err != nil {
		return rep, fmt.Errorf("read results of %s: %w", name, err)
	}
	return rep, nil
}

// readNotes reads why budgets are not met. That nobody wrote it is no error.
func readNotes(name string) (report.Notes, error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read why budgets are not met: %w", err)
	}
	return report.ReadNotes(bytes.NewReader(text))
}

// readFigures reads the output of programs that measure budgets, too. A file
// that tells nothing of them is a mistake.
func readFigures(names []string) (report.Figures, error) {
	all := report.Figures{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read figures: %w", err)
		}
		n, err := all.Read(bytes.NewReader(text))
		if err != nil {
			return nil, fmt.Errorf("read figures of %s: %w", name, err)
		}
		if n == 0 {
			return nil, fmt.Errorf("%s has no figure of a budget: want the output of a command that the table of budgets names", name)
		}
	}
	return all, nil
}
