import code
import _xxsubinterpreters


def f(line):
    console = code.InteractiveConsole()
    # bad
    console.push(line)
    # bad
    _xxsubinterpreters.run_string(_xxsubinterpreters.create(), line)
