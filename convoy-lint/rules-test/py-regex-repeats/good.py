import re

NAMES = re.compile(r"^[a-z]+(-[a-z]+)*$")


def is_name(text):
    return re.match(r"^(\w+ )*\w+$", text) or re.match(r"(ab)+", text)
