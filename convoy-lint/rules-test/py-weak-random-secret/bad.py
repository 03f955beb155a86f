import random

# bad
token = random.randint(0, 10**9)
# bad
user.reset_token = "".join(random.choice("abc") for _ in range(20))
