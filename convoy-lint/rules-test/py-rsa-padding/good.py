from Crypto.Cipher import PKCS1_OAEP


def seal(key, text):
    return PKCS1_OAEP.new(key).encrypt(text)


def signed(private, text, padding, hashes):
    return private.sign(text, padding.PKCS1v15(), hashes.SHA256())
