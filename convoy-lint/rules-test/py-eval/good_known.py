from flask import request

LIMIT = 200


def never():
    number = 106
    if 7 * 18 + number > 200:
        code = "1"
    else:
        code = request.args["code"]
    eval(code)
    eval("2" if number == 106 else request.args["code"])
    if False:
        eval(request.args["code"])
    word = "never"
    if "x" in word:
        code = request.args["code"]
    eval(code)


def elements():
    codes = {}
    codes["a"] = "1"
    codes["b"] = request.args["code"]
    eval(codes["a"])
    codes["b"] = "2"
    eval(codes["b"])
    settings = ConfigParser()
    settings.set("part", "a", "1")
    settings.set("part", "b", request.args["code"])
    eval(settings.get("part", "a"))


def cases():
    which = "AB"[1]
    match which:
        case "A":
            code = request.args["code"]
        case "B" | "C":
            code = "1"
        case _:
            code = request.args["code"]
    eval(code)


def listed(text):
    if text in ("1", "2"):
        eval(text)
    if text != "3":
        return None
    return eval(text)
