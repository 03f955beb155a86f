package a

import "net/http"

func handle(w http.ResponseWriter, r *http.Request) {
	http.Get("https://example.com/")
	address := r.FormValue("url")
	if !isAllowed(address) {
		return
	}
	http.Get(address)
}
