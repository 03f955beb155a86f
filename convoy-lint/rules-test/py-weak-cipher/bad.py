# bad
cipher = DES.new(key, DES.MODE_CBC, iv)
# bad
cipher = AES.new(key, AES.MODE_ECB)
