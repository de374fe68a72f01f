"""A real IMAP server (pymap) on loopback with one user, behind a TLS front that notes what is asked."""

import datetime
import imaplib
import ipaddress
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType

USER, PASSWORD = "demouser", "demopass"
_START_SECONDS = 30.0


class ImapServer:
    """Runs until the `with` block ends. `port` is plain, `tls_port` needs the certificate at `ca`."""

    def __init__(self, folder: Path) -> None:
        self.ca, self.said = folder / "ca.pem", bytearray()
        self.port, self._folder = _free_port(), folder
        self._front = socket.create_server(("127.0.0.1", 0))
        self._log = folder / "imap.log"
        self.tls_port = self._front.getsockname()[1]

    def client(self) -> imaplib.IMAP4:
        """Logged in, to change the mailbox as another program would."""
        link = imaplib.IMAP4("127.0.0.1", self.port, 10)
        link.login(USER, PASSWORD)
        return link

    def asked(self, word: str) -> int:
        """How often a command was sent through the TLS front."""
        return len(re.findall(rf"\b{word}\b", self.said.decode("utf-8", "replace")))

    def __enter__(self) -> "ImapServer":
        start = [sys.executable, "-W", "ignore", "-c", "from pymap.main import main; main()"]
        options = ["--host", "127.0.0.1", "--port", str(self.port), "--no-tls", "--no-service", "admin"]
        with self._log.open("wb") as log:
            command = [*start, *options, "dict", "--demo-data"]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        self._wait()
        self._context = _certificate(self._folder / "key.pem", self.ca)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._front.close()
        self._process.kill()
        self._process.wait()

    def _wait(self) -> None:
        until = time.monotonic() + _START_SECONDS
        while self._process.poll() is None and time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.05)
        raise RuntimeError(self._log.read_text("utf-8", "replace")[-2000:])

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                plain, _ = self._front.accept()
                threading.Thread(target=self._relay, args=(plain,), daemon=True).start()

    def _relay(self, plain: socket.socket) -> None:
        with ExitStack() as stack, suppress(OSError):
            stack.enter_context(plain)
            outer = stack.enter_context(self._context.wrap_socket(plain, server_side=True))
            inner = stack.enter_context(socket.create_connection(("127.0.0.1", self.port)))
            threading.Thread(target=_copy, args=(inner, outer, bytearray()), daemon=True).start()
            _copy(outer, inner, self.said)


def _copy(source: socket.socket, target: socket.socket, noted: bytearray) -> None:
    with suppress(OSError):
        while data := source.recv(1 << 16):
            noted += data
            target.sendall(data)
        target.shutdown(socket.SHUT_RDWR)


def _certificate(key_path: Path, cert_path: Path) -> ssl.SSLContext:
    """A certificate of 127.0.0.1 that signs itself, and the server's side of it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    key_path.write_bytes(key.private_bytes(pem, *plain))
    cert_path.write_bytes(made.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert_path, key_path)
    return context


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
