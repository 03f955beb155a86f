import ssl

a = ssl.wrap_socket(raw, cert_reqs=ssl.CERT_REQUIRED, ca_certs=path)
b = ssl.wrap_socket(raw, server_side=True, certfile=path)
c = ssl.create_default_context().wrap_socket(raw, server_hostname=host)
