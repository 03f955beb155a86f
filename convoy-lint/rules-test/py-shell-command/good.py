import os
import subprocess

COMMAND = "ls -l"


def run(name):
    subprocess.run(["convert", name], check=True)
    subprocess.run("ls | wc -l", shell=True)
    os.system("clear" if name else "cls")
    subprocess.run(COMMAND, shell=True)
    subprocess.run([name], shell=False)
