"""The installation's own key: signs receipts (Ed25519, RFC 8032) and keys the hashes of what is gone.

It lies in `<home>/keys/receipts.key`, is made when it is first needed and never replaced.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rag.erase.probes import Secret
from rag.errors import BadInput, ConfigError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_BYTES = 32


@dataclass(frozen=True, slots=True)
class Installation:
    """A private key; `public` (hex) is told to whoever shall check receipts elsewhere."""

    seed: bytes

    @property
    def public(self) -> str:
        """The public key, 64 hex digits."""
        return self._key().public_key().public_bytes_raw().hex()

    @property
    def secret(self) -> Secret:
        """For keyed hashes; it cannot be told from the public key."""
        return Secret(hashlib.blake2b(self.seed, digest_size=_BYTES, person=b"kb probes").digest())

    def sign(self, data: bytes) -> str:
        """The signature, 128 hex digits."""
        return self._key().sign(data).hex()

    def _key(self) -> "Ed25519PrivateKey":
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self.seed)


def fingerprint(public: str) -> str:
    """The short name of a public key, and so of an installation: 32 hex digits."""
    return hashlib.sha256(bytes.fromhex(public)).hexdigest()[:32]


def is_signed(data: bytes, signature: str, public: str) -> bool:
    """True when the holder of this key signed these bytes. Anything malformed is simply not signed."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        key.verify(bytes.fromhex(signature), data)
    except (InvalidSignature, ValueError):
        return False
    return True


def place(home: Path) -> Path:
    """Where the key lies."""
    return home / "keys" / "receipts.key"


def load(home: Path) -> Installation | None:
    """The key of a home folder; None when none was made. `ConfigError` when it cannot be used."""
    path = place(home)
    try:
        text = path.read_text("ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}", hint="restore it from a backup") from error
    if len(text) != 2 * _BYTES or not _is_hex(text):
        raise ConfigError(
            f"{path} is damaged: {2 * _BYTES} hex digits were expected",
            hint="restore it from a backup; if it is moved away, a new one is made for new receipts",
        )
    return Installation(bytes.fromhex(text))


def load_or_make(home: Path) -> Installation:
    """The key, made if there is none. Two processes that make it at once end up with the same."""
    return load(home) or _make(home)


def public_key(given: str) -> str:
    """The public key that `given` is, or that the file of this name holds; else `BadInput`."""
    text = given.strip()
    if not _is_hex(text) and Path(given).is_file():
        text = Path(given).read_text("utf-8", "replace").strip()
    if len(text) != 2 * _BYTES or not _is_hex(text):
        raise BadInput(
            f"{given!r} is no public key", hint="64 hex digits, or a file with them; kb receipts shows it"
        )
    return text.lower()


def _make(home: Path) -> Installation:
    path = place(home)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            _write(descriptor, os.urandom(_BYTES).hex() + "\n")
            _link(draft, path)
        finally:
            draft.unlink()
    except OSError as error:
        raise ConfigError(
            f"no key for receipts can be made in {path.parent}: {error.strerror}",
            hint="deleting needs a home folder that can be written",
        ) from error
    made = load(home)
    assert made is not None
    return made


def _write(descriptor: int, text: str) -> None:
    with open(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _link(draft: Path, path: Path) -> None:
    """Give the finished file its name, unless another process was first."""
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_hex(text: str) -> bool:
    return bool(text) and all(character in "0123456789abcdefABCDEF" for character in text)
