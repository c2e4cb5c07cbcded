package configs

import (
	"slices"

	"andon/collector/opcua/browse"
	"andon/plant"
)

// addAreas adds areas that a source found to the plant, and returns the tags
// that it leaves out: those of equipment that another source reads, and those
// whose name or address is taken. The lists that the plant had stay as they
// are.
func (c *Config) addAreas(source string, found []plant.AreaConfig) []browse.Place {
	var left []browse.Place
	c.Plant.Areas = cloneAreas(c.Plant.Areas)
	taken := takenIn(c.Plant.Areas)
	for _, p := range browse.Places(found) {
		e := equipmentAt(&c.Plant.Areas, p, source)
		name, address := placeKeys(p)
		if e.Source != source || taken[name] || taken[address] {
			left = append(left, p)
			continue
		}
		taken[name], taken[address] = true, true
		e.Tags = append(e.Tags, p.Tag)
	}
	return left
}

// placeKeys are under what a tag of an equipment is known: its name and what
// it reads.
func placeKeys(p browse.Place) (name, address string) {
	at := p.Area + "/" + p.Line + "/" + p.Equipment
	return at + "/" + p.Tag.Name, at + "=" + p.Tag.Address
}

func takenIn(areas []plant.AreaConfig) map[string]bool {
	taken := map[string]bool{}
	for _, p := range browse.Places(areas) {
		name, address := placeKeys(p)
		taken[name] = true
		if p.Tag.Address != "" {
			taken[address] = true
		}
	}
	return taken
}

// equipmentAt returns the equipment of a place, which is made when there is
// none.
func equipmentAt(areas *[]plant.AreaConfig, p browse.Place, source string) *plant.EquipmentConfig {
	a := entry(areas, func(a plant.AreaConfig) bool { return a.Name == p.Area }, plant.AreaConfig{Name: p.Area})
	l := entry(&a.Lines, func(l plant.LineConfig) bool { return l.Name == p.Line }, plant.LineConfig{Name: p.Line})
	return entry(&l.Equipment, func(e plant.EquipmentConfig) bool { return e.Name == p.Equipment }, plant.EquipmentConfig{Name: p.Equipment, Source: source})
}

// entry returns the entry of list that is the one, which is made when there is
// none.
func entry[T any](list *[]T, is func(T) bool, fresh T) *T {
	i := slices.IndexFunc(*list, is)
	if i < 0 {
		i = len(*list)
		*list = append(*list, fresh)
	}
	return &(*list)[i]
}

// cloneAreas copies areas down to their tags.
func cloneAreas(areas []plant.AreaConfig) []plant.AreaConfig {
	areas = slices.Clone(areas)
	for i := range areas {
		areas[i].Lines = slices.Clone(areas[i].Lines)
		for j := range areas[i].Lines {
			l := &areas[i].Lines[j]
			l.Equipment = slices.Clone(l.Equipment)
			for k := range l.Equipment {
				l.Equipment[k].Tags = slices.Clone(l.Equipment[k].Tags)
			}
		}
	}
	return areas
}
