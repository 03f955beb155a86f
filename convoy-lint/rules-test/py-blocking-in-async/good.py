async def f(url):
    await asyncio.sleep(1)

    def inner():
        time.sleep(1)

    await asyncio.to_thread(inner)
    await loop.run_in_executor(None, lambda: requests.get(url, timeout=1))


def g():
    time.sleep(1)
