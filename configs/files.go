package configs

import (
	"fmt"
	"os"
	"reflect"
	"strings"

	"andon/plant/setting"
)

// made are the places that andon makes itself; every other file that a
// configuration names must be there.
var made = []string{"data_dir", "include", "bus.dir", "store.path", "influx.dead_letter.dir"}

// checkFiles reports every named file that cannot be read.
func (c *Config) checkFiles(p *setting.Problems) {
	eachFile(reflect.ValueOf(c).Elem(), "", func(path string, file setting.File) {
		for _, m := range made {
			if path == m || strings.HasPrefix(path, m+"[") {
				return
			}
		}
		f, err := os.Open(string(file))
		if err != nil {
			p.Add(path, "a file that can be read: %v", err)
			return
		}
		f.Close()
	})
}

// eachFile calls f for every file named in v, in the order of the fields.
func eachFile(v reflect.Value, path string, f func(path string, file setting.File)) {
	if v.Type() == reflect.TypeFor[setting.File]() {
		if file := setting.File(v.String()); file != "" {
			f(path, file)
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			name, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
			switch {
			case options == "inline":
				eachFile(v.Field(i), path, f)
			case name != "" && name != "-":
				eachFile(v.Field(i), join(path, name), f)
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			eachFile(v.Elem(), path, f)
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachFile(v.Index(i), fmt.Sprintf("%s[%d]", path, i), f)
		}
	case reflect.Map:
		for _, key := range sortedStrings(v.MapKeys()) {
			eachFile(v.MapIndex(reflect.ValueOf(key).Convert(v.Type().Key())), join(path, key), f)
		}
	}
}

func sortedStrings(keys []reflect.Value) []string {
	m := map[string][]int{}
	for _, k := range keys {
		m[k.String()] = nil
	}
	return sortedKeys(m)
}
