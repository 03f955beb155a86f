from mine import system
from os import popen
from subprocess import run


def popen(text):
    return text


def f(name):
    system("ls " + name)
    popen("ls " + name)
    run(["ls", name])
