import os
import subprocess
from flask import request


def tool():
    # bad
    subprocess.run([request.form["tool"], "-v"])
    program = request.form["program"]
    # bad
    os.execv(program, [program])
    # bad
    os.spawnlp(os.P_WAIT, program, "tool")
