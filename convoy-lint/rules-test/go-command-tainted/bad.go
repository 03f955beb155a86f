package a

import (
	"net/http"
	"os/exec"
)

func handle(w http.ResponseWriter, r *http.Request) {
	tool := r.FormValue("tool")
	// bad
	exec.Command(tool, "-v").Run()
	// bad
	exec.CommandContext(r.Context(), "git", "log", r.URL.Query().Get("ref")).Run()
}
