import random
import secrets
import string
from random import choice, randint

from flask import make_response, session


def reset(user):
    token = "".join(random.choice(string.ascii_letters) for _ in range(20))  # CWE-330,338
    user.reset_token = str(random.random())  # CWE-330,338
    otp = randint(100000, 999999)  # CWE-330,338
    return token, otp


def sign_in():
    session["id"] = random.getrandbits(64)
    answer = make_response("ok")
    value = str(random.randint(0, 10**9))
    answer.set_cookie("rememberMe", value, secure=True, httponly=True)  # CWE-330,338
    return answer


def generate_password():
    return "".join(choice(string.ascii_letters) for _ in range(12))  # CWE-330,338


def create_session_key():
    number = random.random()
    return str(number)[2:]  # CWE-330,338


def fine():
    token = secrets.token_hex(16)
    otp = secrets.randbelow(1000000)
    jitter = random.uniform(0, 1)
    shuffled = random.sample(range(10), 3)
    return token, otp, jitter, shuffled
