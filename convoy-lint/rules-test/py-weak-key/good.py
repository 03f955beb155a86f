def keys():
    RSA.generate(3072)
    rsa.generate_private_key(public_exponent=65537, key_size=2048)
    ec.generate_private_key(ec.SECP384R1())
    model.generate(100)
