cipher = AES.new(key, AES.MODE_GCM)
