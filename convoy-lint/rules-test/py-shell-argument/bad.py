import subprocess
from flask import request


def listed(name):
    # bad
    subprocess.run(["sh", "-c", "ls " + name])
    # bad
    subprocess.run(["/bin/bash", "-c", request.form["script"]])
