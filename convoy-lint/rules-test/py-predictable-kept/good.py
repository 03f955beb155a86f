import random
import secrets


def sign_in(answer, user):
    answer.set_cookie("rememberMe", secrets.token_hex(random.randint(16, 32)), secure=True)
    user.color = random.choice(["red", "blue"])
    token = random.SystemRandom().random()
    session["shown"] = random.random()
    return token
