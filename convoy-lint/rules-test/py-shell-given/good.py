import os


def listing(name):
    os.spawnl(os.P_WAIT, "/bin/ls", "ls", "-la", name)
    os.execve("/bin/sh", ["-c", "uptime"], os.environ)
    os.spawnlp(os.P_WAIT, "python", "python", "-c", name)
