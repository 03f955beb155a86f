package a

import (
	"context"
	"fmt"
	"os/exec"
)

func run(ctx context.Context, name string) {
	// bad
	exec.Command("sh", "-c", "ls "+name).Run()
	line := fmt.Sprintf("tar xf %s", name)
	// bad
	exec.CommandContext(ctx, "/bin/bash", "-c", line).Run()
}
