package a

import (
	"net/http"
	"os"
	"path/filepath"
)

func handle(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("name")
	// bad
	data, err := os.ReadFile(filepath.Join("/srv", name))
	// bad
	os.Remove("/srv/" + r.PathValue("file"))
}
