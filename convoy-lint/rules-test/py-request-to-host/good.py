import requests
from flask import request, session


def fetch():
    session.get("user")
    client = requests.Session()
    client.get("https://api.example.org/users/" + request.args["id"])
    client.get("https://example.org", params=request.args)


@app.get("/by-a-client")
async def by_a_client(name: str):
    async with httpx.AsyncClient(timeout=5) as c:
        kept = {"a": 1}
        return (await c.get("https://api.example")).json(), kept.get(name)
