import asyncio
import os
import shlex
import subprocess

import paramiko
from fabric import Connection
from flask import Flask, request

app = Flask(__name__)


@app.post("/remote")
def remote():
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())  # CWE-295,322
    client.connect("host")
    client.exec_command("ls " + request.form["dir"])  # CWE-78
    return ""


@app.post("/execv")
def execv():
    program = request.form["program"]
    os.execv(program, [program])  # CWE-78
    os.spawnlp(os.P_WAIT, request.form["tool"], "tool")  # CWE-78
    return ""


@app.post("/list")
def listed():
    subprocess.run([request.form["tool"], "-v"])  # CWE-78
    subprocess.run(["sh", "-c", "ls " + request.form["dir"]])  # CWE-78
    subprocess.run(["bash", "-c", request.form["script"]])  # CWE-78
    return ""


@app.post("/loop")
async def loop():
    args = request.form["args"]
    await asyncio.create_subprocess_shell(f"tool {args}")  # CWE-78
    return ""


@app.post("/quoted")
def quoted():
    name = shlex.quote(request.form["name"])
    subprocess.run("ls " + name, shell=True)
    subprocess.run(["ls", "--", request.form["name"]])
    Connection("web1").run("uptime")
    return ""
