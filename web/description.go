package web

import "net/http"

// serveDescription answers with the OpenAPI description of the API.
func (s *Server) serveDescription(w http.ResponseWriter, r *http.Request) error {
	if err := readQuery(r).done(); err != nil {
		return err
	}
	body, err := files.ReadFile("openapi.yaml")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(body)
	return nil
}
