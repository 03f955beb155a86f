package a

import (
	"fmt"
	"net/http"
)

func handle(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("name")
	// bad
	fmt.Fprintf(w, "<h1>%s</h1>", name)
	// bad
	w.Write([]byte("hello " + name))
}
