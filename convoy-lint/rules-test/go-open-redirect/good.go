package a

import (
	"net/http"
	"strings"
)

func handle(w http.ResponseWriter, r *http.Request) {
	next := r.FormValue("next")
	if !isLocal(next) || !strings.HasPrefix(next, "/") {
		return
	}
	http.Redirect(w, r, next, http.StatusFound)
	http.Redirect(w, r, "/login", http.StatusFound)
	http.Redirect(w, r, r.URL.Path+"/", http.StatusFound)
}
