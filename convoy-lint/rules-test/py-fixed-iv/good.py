def encrypt(key, iv):
    AES.new(key, AES.MODE_CBC, os.urandom(16))
    AES.new(key, AES.MODE_CBC, iv)
    return Cipher(algorithms.AES(key), modes.CBC(os.urandom(16)))
