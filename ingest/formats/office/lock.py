"""Locked Office files: opened with the passwords of the run, or named as locked."""

from io import BytesIO

from ingest.options import current
from ingest.wall.zipped import check_office
from rag.errors import UnreadableFile

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_USUAL = "VelvetSweatshop"  # Excel's own, for files that it opens without asking


def opened(data: bytes, kind: str) -> bytes:
    """A zip that is safe to read; `UnreadableFile` as of `check_office`, or `password needed`."""
    if data.startswith(OLE) and _PACKAGE in data:
        data = unlocked(data)
    check_office(data, kind)
    return data


def unlocked(data: bytes) -> bytes:
    """The file without its password. `UnreadableFile` with state `password needed` when none fits."""
    try:
        import msoffcrypto
    except ImportError:
        hint = 'pip install "kb[office]" opens it with --password-file; or save a copy without'
        raise locked(hint) from None
    for password in (_USUAL, *current().passwords):
        out = BytesIO()
        try:
            file = msoffcrypto.OfficeFile(BytesIO(data))
            # The old formats always verify it, and know no such argument.
            file.load_key(password=password, **({"verify_password": True} if file.format == "ooxml" else {}))
            file.decrypt(out)
        except Exception:  # noqa: BLE001, S112  # it raises anything, for wrong passwords and for broken files
            continue
        return out.getvalue()
    raise locked("name a file of passwords with --password-file, or save a copy without")


def locked(hint: str) -> UnreadableFile:
    """The error of a file whose password is not known."""
    return UnreadableFile("it is protected by a password", state="password needed", hint=hint)
