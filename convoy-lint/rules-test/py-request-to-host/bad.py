import requests
from flask import request


def fetch():
    url = request.args["url"]
    # bad
    requests.request("GET", url)
    session = requests.Session()
    # bad
    session.get("http://" + request.args["host"] + "/a")


@app.get("/by-a-client")
async def by_a_client(url: str):
    async with httpx.AsyncClient(timeout=5) as c:
        # bad
        return (await c.get(url)).text
