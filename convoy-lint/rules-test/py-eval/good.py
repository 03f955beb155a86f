import ast


def run(text):
    eval("1 + 1")
    code = "print(1)"
    exec(code)
    ast.literal_eval(text)
    model.eval()
