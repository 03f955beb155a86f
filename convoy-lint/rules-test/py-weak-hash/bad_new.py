import hashlib

# bad
a = hashlib.new("md5")
# bad
b = hashlib.new("SHA1", data)
