"""The way of orders to a child: frames, and with each the open file that it is about.

The run opens the file and hands over its descriptor, so a child needs no right to open anything. Where
descriptors cannot be sent (Windows), orders go through a pipe and the child opens the file itself.
"""

import socket
import subprocess
import sys
from collections import deque
from contextlib import suppress
from typing import BinaryIO, cast

CAN_PASS = hasattr(socket, "send_fds") and sys.platform != "win32"


class Sender:
    """The end of the run. Give `theirs` to the child as its standard input, then call `bind`."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._theirs: socket.socket | None = None
        self._pipe: BinaryIO | None = None
        if CAN_PASS:
            self._socket, self._theirs = socket.socketpair()

    @property
    def theirs(self) -> int:
        return self._theirs.fileno() if self._theirs else subprocess.PIPE

    def bind(self, process: "subprocess.Popen[bytes]") -> None:
        """The child was started: its end is its own now."""
        if self._theirs:
            self._theirs.close()
        else:
            self._pipe = cast("BinaryIO", process.stdin)

    def send(self, data: bytes, descriptor: int | None = None) -> None:
        """A frame, and the descriptor of its file. `OSError` when the child is gone."""
        if self._socket is None:
            pipe = cast("BinaryIO", self._pipe)
            pipe.write(data)
            pipe.flush()
            return
        sent = 0
        if descriptor is not None:
            sent = socket.send_fds(self._socket, [data], [descriptor])
        self._socket.sendall(memoryview(data)[sent:])

    def close(self) -> None:
        """No further orders."""
        for end in (self._socket, self._pipe):
            with suppress(OSError):
                if end is not None:
                    end.close()


class Receiver:
    """The end of the child: its standard input."""

    def __init__(self) -> None:
        self._socket = socket.socket(fileno=0) if CAN_PASS else None
        self._descriptors: deque[int] = deque()

    def take(self, size: int) -> bytes:
        """So many bytes; fewer at the end."""
        if self._socket is None:
            return sys.stdin.buffer.read(size)
        found = bytearray()
        while len(found) < size:
            data, descriptors, _, _ = socket.recv_fds(self._socket, min(size - len(found), 1 << 20), 1)
            self._descriptors.extend(descriptors)
            if not data:
                break
            found += data
        return bytes(found)

    def descriptor(self) -> int | None:
        """That of the order that was read last; None when there came none."""
        return self._descriptors.popleft() if self._descriptors else None
