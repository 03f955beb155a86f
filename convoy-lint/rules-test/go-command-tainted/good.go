package a

import (
	"net/http"
	"os/exec"
	"strconv"
)

func handle(w http.ResponseWriter, r *http.Request) {
	tool := r.FormValue("tool")
	if !allowed(tool) {
		return
	}
	exec.Command(tool, "-v").Run()
	count, _ := strconv.Atoi(r.FormValue("n"))
	exec.Command("git", "log", "-n", strconv.Itoa(count)).Run()
}
