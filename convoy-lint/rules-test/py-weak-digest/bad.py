def digest(data):
    # bad
    MD5.new(data)
    # bad
    return hashes.Hash(hashes.SHA1())
