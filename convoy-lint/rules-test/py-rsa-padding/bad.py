from Crypto.Cipher import PKCS1_v1_5


def seal(key, text):
    # bad
    return PKCS1_v1_5.new(key).encrypt(text)


def other(public, text, padding):
    # bad
    return public.encrypt(text, padding.PKCS1v15())
