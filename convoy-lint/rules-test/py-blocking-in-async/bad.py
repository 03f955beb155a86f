async def f(url):
    # bad
    time.sleep(1)
    if url:
        # bad
        return requests.get(url, timeout=1)
