import asyncio
import os

import aiohttp
from aiohttp import web

routes = web.RouteTableDef()


@routes.get("/echo")
async def echo(request):
    name = request.query["name"]
    return web.Response(text="<b>" + name + "</b>", content_type="text/html")  # CWE-79


@routes.get("/run")
async def run(request):
    host = request.query.get("host")
    process = await asyncio.create_subprocess_shell("ping -c 1 " + host)  # CWE-78
    await process.wait()
    return web.Response(text="done")


@routes.get("/out")
async def out(request):
    raise web.HTTPFound(request.query["to"])  # CWE-601


@routes.get("/get")
async def get(request):
    async with aiohttp.ClientSession() as session:
        async with session.get(request.query["url"]) as answer:  # CWE-918
            return web.Response(body=await answer.read())


@routes.get("/read")
async def read(request):
    path = os.path.join("/srv", request.match_info["name"])
    return web.FileResponse(path)  # CWE-22


@routes.get("/fine")
async def fine(request):
    process = await asyncio.create_subprocess_exec("ping", "-c", "1", "localhost")
    await process.wait()
    return web.Response(text=request.query["name"])
