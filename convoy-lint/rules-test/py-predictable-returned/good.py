import random
import secrets


def generate_password():
    return "".join(secrets.choice("abcdef") for _ in range(12))


def pick():
    return random.choice([1, 2])
