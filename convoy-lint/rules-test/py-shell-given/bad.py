import os


def listing(name):
    # bad
    os.spawnl(os.P_WAIT, "/bin/bash", "-c", f"ls -la {name}")
    # bad
    os.execve("/bin/sh", ["-c", "cat " + name], os.environ)
