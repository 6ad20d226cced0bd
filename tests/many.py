# SPDX-License-Identifier: MIT
"""Many endpoints on loopback: /token/N answers with the token in a file, /hang/N never answers.

usage: many.py TOKEN-FILE. Prints its port and ends with its standard input.
"""
import asyncio
import sys

HELD = []


async def answer(reader, writer, body):
    while True:
        head = await reader.readuntil(b"\r\n\r\n")
        if head.startswith(b"GET /hang/"):
            HELD.append(writer)
            await reader.read()
            break
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        await writer.drain()


async def main():
    with open(sys.argv[1], encoding="ascii") as file:
        body = b'{"token": "%s"}' % file.read().strip().encode()

    async def connected(reader, writer):
        try:
            await answer(reader, writer, body)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
