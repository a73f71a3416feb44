"""A TCP proxy on this machine that misbehaves on request, in a thread of its own."""

import contextlib
import socket
import socketserver
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Faults:
    """What goes wrong; may be changed while the proxy runs.

    ``refuse``: reset each new connection. ``delay``: seconds before each piece passed on to the
    client. ``cut_after``: reset once that many bytes of an answer have passed. ``drop_answers``:
    requests reach the server, their answers are lost. ``rewrite``: changes the answer's bytes
    (of one piece, so keep answers small; the length must stay the same).
    """

    refuse: bool = False
    delay: float = 0.0
    cut_after: int | None = None
    drop_answers: bool = False
    rewrite: Callable[[bytes], bytes] | None = None
    connections: int = field(default=0)


def _reset(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)  # wakes a thread that waits for it
    connection.close()


@contextmanager
def fault_proxy(port: int) -> Iterator[tuple[str, Faults]]:
    """A proxy in front of ``127.0.0.1:port``; gives its URL and its faults."""
    faults = Faults()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            faults.connections += 1
            client: socket.socket = self.request
            if faults.refuse:
                return _reset(client)
            try:
                server = socket.create_connection(("127.0.0.1", port), timeout=5)
            except OSError:
                return _reset(client)
            server.settimeout(None)
            threading.Thread(target=self._requests, args=(client, server), daemon=True).start()
            self._answers(client, server)
            return None

        @staticmethod
        def _requests(client: socket.socket, server: socket.socket) -> None:
            with contextlib.suppress(OSError):
                while data := client.recv(65536):
                    server.sendall(data)
                server.shutdown(socket.SHUT_WR)

        @staticmethod
        def _answers(client: socket.socket, server: socket.socket) -> None:
            passed = 0
            with contextlib.suppress(OSError):
                while data := server.recv(65536):
                    if faults.drop_answers:
                        break
                    if faults.delay:
                        time.sleep(faults.delay)
                    if faults.rewrite is not None:
                        data = faults.rewrite(data)
                    if faults.cut_after is not None:
                        data = data[: faults.cut_after - passed]
                    client.sendall(data)
                    passed += len(data)
                    if faults.cut_after is not None and passed >= faults.cut_after:
                        break
            _reset(client)
            server.close()

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", faults
        finally:
            server.shutdown()
            thread.join()
