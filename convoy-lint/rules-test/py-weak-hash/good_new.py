import hashlib

a = hashlib.new("sha256")
b = hashlib.new("md5", usedforsecurity=False)
c = hashlib.new(name)
