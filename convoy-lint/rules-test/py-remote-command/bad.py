import paramiko


def listing(client, request):
    # bad
    client.exec_command("ls " + request.form["dir"])
