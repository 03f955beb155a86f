import asyncio


async def f():
    # bad
    asyncio.sleep(1)
