def f(lines, words):
    pattern = re.compile(r"\d+")
    for word in words:
        patterns.append(re.compile(word))
