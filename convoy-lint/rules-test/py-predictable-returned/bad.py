import random


def generate_password():
    # bad
    return "".join(random.choice("abcdef") for _ in range(12))


def create_session_key():
    number = random.random()
    # bad
    return str(number)[2:]
