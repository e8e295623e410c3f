"""TCP proxies before the brokers' listeners, to cut the network without privileges.

    proxy.py LISTEN:UPSTREAM...      a proxy for each pair of ports of 127.0.0.1

Reads commands from stdin, "PORT MODE", and answers each with "ok":
    pass    forwards; what stood goes on
    refuse  resets what there is, and every new connection
    reset   resets what there is, once; then forwards
    stall   accepts, but nothing gets through, either way
    deaf    what clients send arrives, the answers are lost; "pass" resets those connections
    vanish  the same, but those connections stay dead for good: nobody tells the client
"""
import asyncio
import socket
import struct
import sys

BITE = 65536


class Proxy:
    def __init__(self, port, upstream):
        self.port, self.upstream = port, upstream
        self.mode = "pass"
        self.flows = asyncio.Event()
        self.flows.set()
        self.links = set()

    def set(self, mode):
        before, self.mode = self.mode, "pass" if mode == "reset" else mode
        for link in list(self.links):
            if mode in ("refuse", "reset") or (link.lost and before == "deaf"):
                link.reset()
        if self.mode == "stall":
            self.flows.clear()
        else:
            self.flows.set()

    async def accept(self, reader, writer):
        if self.mode == "refuse":
            reset(writer)
            return
        try:
            there = await asyncio.open_connection("127.0.0.1", self.upstream)
        except OSError:
            reset(writer)
            return
        link = Link(self, writer, there[1])
        self.links.add(link)
        await asyncio.gather(link.pump(reader, there[1], False), link.pump(there[0], writer, True))
        self.links.discard(link)


class Link:
    def __init__(self, proxy, client, broker):
        self.proxy, self.client, self.broker = proxy, client, broker
        self.lost = False  # some answers were: its stream is of no use any more

    def reset(self):
        reset(self.client)
        reset(self.broker)

    async def pump(self, reader, writer, answers):
        try:
            while data := await reader.read(BITE):
                await self.proxy.flows.wait()
                if answers and (self.lost or self.proxy.mode in ("deaf", "vanish")):
                    self.lost = True
                    continue
                writer.write(data)
                await writer.drain()
            await self.proxy.flows.wait()
        except OSError:
            pass
        self.reset()


def reset(writer):
    connection = writer.get_extra_info("socket")
    if connection is not None and connection.fileno() >= 0:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def main(pairs):
    proxies = {}
    for pair in pairs:
        port, upstream = map(int, pair.split(":"))
        proxies[port] = Proxy(port, upstream)
        await asyncio.start_server(proxies[port].accept, "127.0.0.1", port)
    print("ready", flush=True)
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    while line := await commands.readline():
        port, mode = line.decode().split()
        proxies[int(port)].set(mode)
        print("ok", flush=True)


asyncio.run(main(sys.argv[1:]))
