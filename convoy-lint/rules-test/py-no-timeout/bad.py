import requests

# bad
requests.get("https://example.com")
# bad
requests.post(url, json={})
