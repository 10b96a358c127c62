"""Passes on what users ask, byte for byte, between the updater's proxy and a BiomAid that was installed by hand.

relay.py application   on the socket of a slot: to gunicorn
relay.py stand-in      on gunicorn's own path, where the web server of the machine asks: to the proxy
relay.py leave         puts gunicorn's socket back where one that was killed has stood in

FOLDER and NAME: where gunicorn binds its socket. Whoever stands in keeps two more names beside it: GUNICORN leads to
gunicorn's, OURS to its own.
"""

import asyncio
import contextlib
import ctypes
import os
import resource
import signal
import socket
import sys

CHUNK = 1 << 16
# Seconds for which what is led to may be away while it is restarted: whoever asks meanwhile waits.
PATIENCE = 30
# Seconds between two looks at whose socket is on the path, should the kernel tell nothing.
INTERVAL = 1
# Seconds in which open requests are answered once nobody is to stand in any more; gunicorn gives up a page after 30.
FAREWELL = 120

FOLDER = os.environ.get("FOLDER", "")
PATH = os.path.join(FOLDER, os.environ.get("NAME", ""))
OURS = os.path.join(FOLDER, f".{os.environ.get('NAME', '')}.updater")
GUNICORN = os.path.join(FOLDER, f".{os.environ.get('NAME', '')}.gunicorn")
BESIDE = f"{OURS}.new"


def identity(path):
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


async def pump(source, target):
    with contextlib.suppress(OSError):
        while data := await source.read(CHUNK):
            target.write(data)
            await target.drain()
        if target.can_write_eof():
            target.write_eof()


async def join(client, server):
    """Passes on both ways until both have ended."""
    (from_client, to_client), (from_server, to_server) = client, server
    await asyncio.gather(pump(from_client, to_server), pump(from_server, to_client))
    close(to_server)


def close(writer):
    with contextlib.suppress(OSError, RuntimeError):
        writer.close()


async def reach(connect):
    """Whoever asks while what is led to is restarted waits for it."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while True:
        try:
            return await connect()
        except OSError:
            if asyncio.get_running_loop().time() > deadline:
                raise
            await asyncio.sleep(0.05)


async def lead(client, connect):
    try:
        # At once, though nothing was asked yet: gunicorn accepts in the order in which users came.
        await join(client, await reach(connect))
    except OSError as error:
        print(f"relay: {error}", file=sys.stderr, flush=True)
    finally:
        close(client[1])


# The application of a slot.


async def gunicorn():
    # On the path itself somebody of ours may stand: that would lead in a circle.
    place = GUNICORN if identity(GUNICORN) else PATH
    if identity(place) in (None, identity(OURS)):
        raise FileNotFoundError(place)
    return await asyncio.open_unix_connection(place)


async def answer(reader, writer):
    await lead((reader, writer), gunicorn)


async def application():
    place = os.path.join(os.environ["SLOT"], "app.sock")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(place)
    await listen(place, answer)
    await asyncio.Event().wait()


async def listen(place, serve):
    """A socket on which anybody may ask who can reach its folder, as gunicorn's is."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(place)
    os.chmod(place, 0o777)
    listener.setblocking(False)
    await asyncio.start_unix_server(serve, sock=listener, backlog=2048)
    return listener


# In the place of gunicorn's socket.

busy = set()
leaving = False
ended = None
# Which socket is this process's own.
own = None


async def proxy():
    host, port = os.environ["PROXY"].split(":")
    return await asyncio.open_connection(host, int(port))


async def pass_on(reader, writer):
    task = asyncio.current_task()
    busy.add(task)
    task.add_done_callback(busy.discard)
    await lead((reader, writer), proxy)


def exchange(one, other):
    """Each gets the other's name, and neither is without one meanwhile."""
    here, swap_both = -100, 2
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(here, os.fsencode(one), here, os.fsencode(other), swap_both) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), one)


def remove(*paths):
    for path in paths:
        with contextlib.suppress(OSError):
            os.unlink(path)


def take_place():
    """Whoever binds the path anew (gunicorn, restarted) or unlinks it (gunicorn, stopped) is found here."""
    if leaving or identity(PATH) == own:
        return
    with contextlib.suppress(OSError):
        if not identity(PATH):
            # Not over what gunicorn may just have bound.
            return os.link(OURS, PATH)
        remove(BESIDE)
        os.link(OURS, BESIDE)
        exchange(BESIDE, PATH)
        if identity(BESIDE) == own:
            remove(BESIDE)
        else:
            os.rename(BESIDE, GUNICORN)


def accepts(path):
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        try:
            client.connect(path)
        except BlockingIOError:
            # Its queue is full.
            return True
        except OSError:
            return False
        return True


def give_back(ours):
    """
    Puts gunicorn's socket on its path again, where `ours` is there or what nobody listens on.
    Gunicorn may bind the path at this very moment: what it binds last stays.
    """
    with contextlib.suppress(OSError):
        dead = not accepts(PATH) and identity(GUNICORN) and accepts(GUNICORN)
        if identity(PATH) and (identity(PATH) == ours or dead):
            if identity(GUNICORN):
                before = identity(PATH)
                exchange(GUNICORN, PATH)
                if identity(GUNICORN) != before:
                    os.rename(GUNICORN, PATH)
            else:
                remove(PATH)
    remove(GUNICORN, OURS, BESIDE)


def leave():
    give_back(identity(OURS))


def watch_folder():
    """Calls `take_place` whenever a name comes or goes: gunicorn unlinks the path when it ends, and somebody may ask for it."""
    libc = ctypes.CDLL(None)
    descriptor = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    created, deleted, moved = 0x100, 0x200, 0x40 | 0x80
    if descriptor < 0 or libc.inotify_add_watch(descriptor, os.fsencode(FOLDER), created | deleted | moved) < 0:
        print("stand-in: the kernel does not tell what happens in the folder", file=sys.stderr, flush=True)
        return

    def told():
        with contextlib.suppress(BlockingIOError):
            os.read(descriptor, CHUNK)
        take_place()

    asyncio.get_running_loop().add_reader(descriptor, told)


async def site_answers():
    """Before the rest is there, as after a restart of the machine, users are better off without anybody who stands in."""
    while not ended.is_set():
        with contextlib.suppress(OSError, ValueError, IndexError, asyncio.TimeoutError):
            reader, writer = await asyncio.wait_for(proxy(), 5)
            writer.write(b"GET / HTTP/1.0\r\nHost: localhost\r\nUser-Agent: BiomAid updater\r\n\r\n")
            line = await asyncio.wait_for(reader.readline(), PATIENCE)
            close(writer)
            if int(line.split()[1]) not in (502, 503, 504):
                return
        await asyncio.sleep(0.2)


async def stand_in():
    global ended, leaving, own
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    # One that was killed has left a socket that nobody listens on.
    leave()
    await site_answers()
    listener = await listen(OURS, pass_on)
    own = identity(OURS)
    watch_folder()
    while not ended.is_set():
        take_place()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(ended.wait(), INTERVAL)
    leaving = True
    give_back(own)
    # Whoever came before that is in the queue of a socket without a name: all of them are accepted, and answered.
    await asyncio.sleep(0.2)
    deadline = asyncio.get_running_loop().time() + FAREWELL
    while busy and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.05)
    listener.close()


def main(role):
    # Each request takes two of them.
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if role == "leave":
        return leave()
    asyncio.run({"application": application, "stand-in": stand_in}[role]())


if __name__ == "__main__":
    main(sys.argv[1])
