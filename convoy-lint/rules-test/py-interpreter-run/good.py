import code
import _xxsubinterpreters


def f(stack, line):
    console = code.InteractiveConsole()
    console.push("import os")
    stack.push(line)
    _xxsubinterpreters.run_string(_xxsubinterpreters.create(), "print(1)")
