import subprocess


def listed(name):
    subprocess.run(["sh", "-c", "ls -l"])
    subprocess.run(["sh", "-c", 'ls -- "$1"', "sh", name])
