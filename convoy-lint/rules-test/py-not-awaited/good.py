import asyncio


async def f():
    await asyncio.sleep(1)
    task = asyncio.sleep(1)
    asyncio.run(f())
