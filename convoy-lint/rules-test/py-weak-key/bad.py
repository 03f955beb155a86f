def keys():
    # bad
    RSA.generate(1024)
    # bad
    DSA.generate(bits=1024)
    # bad
    rsa.generate_private_key(public_exponent=65537, key_size=1024)
    # bad
    rsa.generate_private_key(65537, 512, default_backend())
    # bad
    ec.generate_private_key(ec.SECP192R1())
