def digest(data):
    SHA256.new(data)
    return hashes.Hash(hashes.SHA256())
