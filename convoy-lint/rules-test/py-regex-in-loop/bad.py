def f(lines):
    for line in lines:
        # bad
        pattern = re.compile(r"\d+")
