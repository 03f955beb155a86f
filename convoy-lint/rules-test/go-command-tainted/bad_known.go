package a

import (
	"encoding/json"
	"net/http"
	"os/exec"
)

func told(w http.ResponseWriter, r *http.Request) {
	ok := false
	func() { ok = true }()
	if ok {
		// bad
		exec.Command("sh", "-c", "ls "+r.FormValue("x")).Run()
	}
}

func counted(w http.ResponseWriter, r *http.Request) {
	n := 0
	n++
	if n > 0 {
		// bad
		exec.Command("sh", "-c", "ls "+r.FormValue("x")).Run()
	}
}

func filled(w http.ResponseWriter, r *http.Request) {
	verbose := false
	_ = json.NewDecoder(r.Body).Decode(&verbose)
	if verbose {
		// bad
		exec.Command("sh", "-c", "ls "+r.FormValue("x")).Run()
	}
}
