import os as system_tools
import subprocess as sp
import sys
from os import popen, system as run_it
from subprocess import Popen, check_output as output, run as r


def one(name):
    run_it("ls " + name)  # CWE-78


def two(name):
    r(f"ls {name}", shell=True)  # CWE-78


def three(name):
    popen("ls %s" % name)  # CWE-78


def four(name):
    Popen("ls {}".format(name), shell=True)  # CWE-78


def five():
    output("ls " + sys.argv[1], shell=True)  # CWE-78


def six(name):
    sp.Popen("ls " + name, shell=True)  # CWE-78


def seven(name):
    system_tools.system("ls " + name)  # CWE-78


def fine(name):
    r(["ls", name], check=True)
    run_it("clear")
    sp.call(["ls", name])
    Popen(["ls", name], shell=False)
