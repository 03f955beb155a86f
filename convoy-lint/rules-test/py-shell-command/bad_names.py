import os as o
import subprocess as sp
from os import popen, system as s
from subprocess import (
    run,
)


def f(name):
    # bad: under another name
    s("ls " + name)
    # bad: by its own
    popen(f"ls {name}")
    # bad: of a module by another name
    o.system("ls " + name)
    # bad: with a shell
    run("ls " + name, shell=True)
    # bad: the same
    sp.run("ls " + name, shell=True)
