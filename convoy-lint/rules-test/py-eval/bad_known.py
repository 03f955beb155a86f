from flask import request


def late(first):
    code = "1"
    if 2 * 3 < 5:
        code = "2"
    else:
        code = request.args["code"]
    # bad
    eval(code)


def turns(lines):
    first = True
    for line in lines:
        code = "1"
        if not first:
            code = request.args["code"]
        first = False
        # bad
        eval(code)


def elements(key):
    codes = {}
    codes["a"] = "1"
    codes["b"] = request.args["code"]
    # bad
    eval(codes["b"])
    # bad
    eval(codes[key])
    codes["b"] = "2"
    codes[key] = request.args["code"]
    # bad
    eval(codes["b"])


def cases():
    which = "AB"[0]
    match which:
        case "A":
            code = request.args["code"]
        case _:
            code = "1"
    # bad
    eval(code)


def checked(text):
    if text == "1" or text.isdigit():
        # bad
        eval(text)
    if text not in ("1", "2"):
        print(text)
    # bad
    eval(text)


def told_by_an_inner_function(request):
    ready = False

    def tell():
        nonlocal ready
        ready = True

    tell()
    if ready:
        # bad
        eval(request.args["x"])


def caught(request):
    wrong = 0
    try:
        check(request)
    except ValueError as wrong:
        pass
    if wrong:
        # bad
        eval(request.args["x"])


def listed_by_who_asks(request):
    text = request.args["x"]
    ALLOWED = request.args.getlist("ok")
    if text not in ALLOWED:
        return
    # bad
    eval(text)
