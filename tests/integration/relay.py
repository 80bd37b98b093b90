"""A TCP relay of our own in front of a server: it can cut, delay, and notice a COMMIT."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable

# A Bolt message of two bytes: structure of no fields (B0), signature COMMIT (12), end of message.
COMMIT = b"\x00\x02\xb0\x12\x00\x00"


class Relay:
    """Forwards every connection to ``port``. ``sent`` counts bytes from clients, all together."""

    def __init__(self, port: int) -> None:
        self.target = port
        self.sent = 0
        self.commits = 0
        self.delay = 0.0
        self.cut_at_byte: int | None = None
        self.cut_at_commit: int | None = None
        self.commit_arrives = True
        self.cuts = 0
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Relay:
        return self

    def __exit__(self, *_: object) -> None:
        # Wakes the thread that waits in accept(), which a plain close would not.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._cut_all()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target), timeout=5)
                server.settimeout(None)
            except OSError:
                client.close()
                continue
            with self._lock:
                self._open |= {client, server}
            self._pump(client, server, self._seen)
            self._pump(server, client, lambda data: (data, False))

    def _pump(
        self,
        source: socket.socket,
        sink: socket.socket,
        seen: Callable[[bytes], tuple[bytes, bool]],
    ) -> None:
        def run() -> None:
            with contextlib.suppress(OSError):
                while data := source.recv(65536):
                    time.sleep(self.delay)
                    passed, cut = seen(data)
                    sink.sendall(passed)
                    if cut:
                        self.cuts += 1
                        # What was passed on is to arrive before the line goes dead.
                        time.sleep(0.05 if passed else 0)
                        self._cut_all()
                        return
            for end in (source, sink):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

        threading.Thread(target=run, daemon=True).start()

    def _seen(self, data: bytes) -> tuple[bytes, bool]:
        """What of the data is passed on, and whether the line is cut then."""
        with self._lock:
            before, self.sent = self.sent, self.sent + len(data)
            found = data.count(COMMIT)
            self.commits += found
            if self.cut_at_byte is not None and before <= self.cut_at_byte < self.sent:
                return data[: self.cut_at_byte - before], True
            wanted = self.cut_at_commit
            if found and wanted is not None and self.commits >= wanted:
                self.cut_at_commit = None
                return (data if self.commit_arrives else data[: data.index(COMMIT)]), True
            return data, False

    def _cut_all(self) -> None:
        with self._lock:
            ends, self._open = self._open, set()
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
