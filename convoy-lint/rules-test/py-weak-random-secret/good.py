import random
import secrets

token = secrets.token_hex(16)
color = random.choice(["red", "blue"])
nonce = random.SystemRandom().getrandbits(64)
id_token = random.uuid4()
token_count = random.randint(1, 5)
