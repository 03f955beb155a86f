import ast


def run(text):
    eval("1 + 1")
    code = "print(1)"
    exec(code)
    ast.literal_eval(text)
    model.eval()


def compiled_here(source, code):
    exec(code)
    exec(compile(source, "x", "exec"))
    exec(run.__code__)


def constant():
    code = """
    print(1)
    """
    eval(dedent(code))
    eval(textwrap.dedent(code))
