import random


def sign_in(answer, user):
    value = str(random.randint(0, 10**9))
    # bad
    answer.set_cookie("rememberMe", value, secure=True)
    # bad
    user.reset_token = str(random.random())[2:]
    code = "".join(random.choice("abc") for _ in range(20))
    # bad
    session["token"] = code
