import os
import subprocess
from flask import request


def tool():
    subprocess.run(["ls", request.form["dir"]])
    os.execv("/bin/ls", ["ls", request.form["dir"]])
    tools = {"a": "/bin/a"}
    subprocess.run([tools["a"]])
