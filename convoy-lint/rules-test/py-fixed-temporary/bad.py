def keep(text):
    # bad
    with open("/tmp/report.txt", "w") as file:
        file.write(text)
