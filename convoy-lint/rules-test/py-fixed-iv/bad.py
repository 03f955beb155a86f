IV = b"0123456789abcdef"


def encrypt(key):
    # bad
    AES.new(key, AES.MODE_CBC, b"0123456789abcdef")
    # bad
    return Cipher(algorithms.AES(key), modes.CBC(b"0" * 16))
