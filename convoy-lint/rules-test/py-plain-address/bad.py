import requests


def price():
    # bad
    return requests.get("http://prices.shop.com/today").json()


def rate():
    url = "http://rates.shop.com/today"
    # bad
    return requests.get(url, timeout=3).json()
