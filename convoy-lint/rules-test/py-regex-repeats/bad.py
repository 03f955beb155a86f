import re

# bad
NAMES = re.compile(r"^([a-z]+)+$")


def is_name(text):
    # bad
    return re.match(r"^(\w+\s?)*$", text)
