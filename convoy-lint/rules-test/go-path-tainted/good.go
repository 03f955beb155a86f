package a

import (
	"net/http"
	"os"
	"path/filepath"
)

func handle(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("name")
	os.ReadFile(filepath.Join("/srv", filepath.Base(name)))
	if !filepath.IsLocal(name) {
		return
	}
	os.ReadFile(filepath.Join("/srv", name))
}
