import os
import subprocess

# bad
os.system("/bin/tar czf x.tgz *")
# bad
subprocess.run("chown -R me *", shell=True)
