import ssl

import requests


def fetch(url, context, key):
    requests.get(url, verify=True)
    requests.get(url, verify="/etc/ca.pem")
    key.check(url, verify=False)
    context.verify_mode = ssl.CERT_REQUIRED
    # requests.get(url, verify=False)
