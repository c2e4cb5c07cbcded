package web

import (
	"net/http"
	"time"

	"andon/plant"
)

type treeBody struct {
	Site  string     `json:"site"`
	Zone  string     `json:"zone"`
	Areas []areaBody `json:"areas"`
}

type areaBody struct {
	Name  string     `json:"name"`
	Path  string     `json:"path"`
	Lines []lineBody `json:"lines"`
}

type lineBody struct {
	Name       string          `json:"name"`
	Path       string          `json:"path"`
	Constraint string          `json:"constraint"` // path of the equipment that limits the line
	Live       *liveBody       `json:"live"`
	Equipment  []equipmentBody `json:"equipment"`
}

type equipmentBody struct {
	Name   string    `json:"name"`
	Path   string    `json:"path"`
	Source string    `json:"source"`
	Live   *liveBody `json:"live"` // null before the engine knows it
	Tags   []tagBody `json:"tags"`
}

type tagBody struct {
	Name string     `json:"name"`
	Path string     `json:"path"`
	Role plant.Role `json:"role"`
	Type string     `json:"type"`
	Unit string     `json:"unit"`
}

// serveEquipment answers with the tree and the present of everything in it.
func (s *Server) serveEquipment(w http.ResponseWriter, r *http.Request) error {
	if err := readQuery(r).done(); err != nil {
		return err
	}
	b, err := s.board(r.Context(), time.Now())
	if err != nil {
		return err
	}
	live := map[string]*liveBody{}
	for _, list := range [][]liveEntry{b.equipment, b.lines} {
		for _, e := range list {
			live[e.path] = e.body(b.recordErr == nil)
		}
	}
	tree := treeBody{Site: s.o.Tree.Site, Zone: s.o.Tree.Zone.String(), Areas: []areaBody{}}
	for _, area := range s.o.Tree.Areas {
		a := areaBody{Name: area.Name, Path: area.Path, Lines: []lineBody{}}
		for _, line := range area.Lines {
			a.Lines = append(a.Lines, describeLine(line, live))
		}
		tree.Areas = append(tree.Areas, a)
	}
	return writeJSON(w, http.StatusOK, tree)
}

func describeLine(line *plant.Line, live map[string]*liveBody) lineBody {
	b := lineBody{Name: line.Name, Path: line.Path, Live: live[line.Path], Equipment: []equipmentBody{}}
	if line.Constraint != nil {
		b.Constraint = line.Constraint.Path
	}
	for _, eq := range line.Equipment {
		e := equipmentBody{Name: eq.Name, Path: eq.Path, Source: eq.Source, Live: live[eq.Path], Tags: []tagBody{}}
		for _, t := range eq.Tags {
			kind := t.Type.String()
			if t.Type == plant.KindNone {
				kind = "" // as it comes
			}
			e.Tags = append(e.Tags, tagBody{Name: t.Name, Path: t.Path, Role: t.Role, Type: kind, Unit: t.Unit})
		}
		b.Equipment = append(b.Equipment, e)
	}
	return b
}
