import ssl

import requests


def fetch(url, context):
    # bad
    requests.get(url, verify=False)
    # bad
    self.session.post(url, verify=False, json={})
    # bad
    context.check_hostname = False
    # bad
    context.verify_mode = ssl.CERT_NONE
    # bad
    ssl._create_unverified_context()
