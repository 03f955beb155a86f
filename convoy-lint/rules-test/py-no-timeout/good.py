import requests

requests.get("https://example.com", timeout=5)
requests.post(url, **options)
session.get(url)
