package a

import (
	"fmt"
	"os/exec"
)

const dir = "/srv"

func run(name, hook string, count int) {
	exec.Command("ls", name).Run()
	exec.Command("sh", "-c", "ls /tmp | wc -l").Run()
	exec.Command("sh", "-c", hook).Run()
	exec.Command("sh", "-c", fmt.Sprintf("head -n %d log", count)).Run()
	exec.Command("sh", "-c", "ls "+dir).Run()
}
