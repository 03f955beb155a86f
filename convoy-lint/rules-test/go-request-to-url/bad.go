package a

import "net/http"

func handle(w http.ResponseWriter, r *http.Request) {
	// bad
	http.Get(r.URL.Query().Get("url"))
	address := r.FormValue("url")
	// bad
	http.NewRequest("GET", address, nil)
}
