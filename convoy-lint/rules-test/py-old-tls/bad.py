import ssl

# bad
ssl.SSLContext(ssl.PROTOCOL_TLSv1)
# bad
ssl.wrap_socket(None, ssl_version=ssl.PROTOCOL_SSLv3)
