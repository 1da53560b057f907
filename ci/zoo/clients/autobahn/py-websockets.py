"""Python's websockets: reads replies as JSON and waits for the server's Close; asks about each case before and after it."""

import asyncio
import json
import os
import sys
from collections import Counter
from urllib.parse import quote

import websockets

BASE = sys.argv[1].rstrip("/")
AGENT = quote(os.environ.get("WSSPEC_AGENT", "zoo-websockets"), safe="")


async def ask(path):
    reply = None
    async with websockets.connect(BASE + path) as socket:
        async for message in socket:  # to the Close
            reply = json.loads(message)
    return reply


async def run_case(number):
    try:
        uri = f"{BASE}/runCase?case={number}&agent={AGENT}"
        async with websockets.connect(uri, max_size=64 * 1024 * 1024, ping_interval=None) as socket:
            async for message in socket:
                await socket.send(message)
    except websockets.WebSocketException:
        pass


async def main():
    count = await ask("/getCaseCount")
    behaviors = Counter()
    for number in range(1, count + 1):
        info = await ask(f"/getCaseInfo?case={number}&agent={AGENT}")
        await run_case(number)
        status = await ask(f"/getCaseStatus?case={number}&agent={AGENT}")
        behaviors[status["behavior"]] += 1
        if status["behavior"].upper() == "FAILED":
            print(info["id"], info["description"], file=sys.stderr)
    await ask(f"/updateReports?agent={AGENT}")
    print(f"{count} cases", dict(behaviors))


asyncio.run(main())
