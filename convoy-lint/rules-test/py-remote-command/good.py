import paramiko


def listing(client, request):
    client.exec_command("ls " + shlex.quote(request.form["dir"]))
    client.exec_command("uptime")
