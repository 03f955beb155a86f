import ssl

# bad
sock = ssl.wrap_socket(raw)
