import os
import subprocess


def run(name, request):
    # bad
    subprocess.run(f"convert {name}", shell=True, check=True)
    # bad
    subprocess.check_output("ls " + name, cwd="/", shell=True)
    command = "ping " + request.args.get("host")
    # bad
    os.system(command)
    # bad
    subprocess.Popen("cat %s" % name, stdout=1, shell=True, text=True)
