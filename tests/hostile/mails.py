"""Mail of a hundred thousand parts, without end, within itself."""

from collections.abc import Callable


def parts() -> bytes:
    one = "--b\nContent-Type: text/plain\n\npart\n"
    return f"Subject: parts\nContent-Type: multipart/mixed; boundary=b\n\n{one * 100_000}--b--\n".encode()


def nested() -> bytes:
    lines = ["Subject: nested"]
    for n in range(3_000):
        lines += [f"Content-Type: multipart/mixed; boundary=b{n}", "", f"--b{n}"]
    return "\n".join([*lines, "Content-Type: text/plain", "", "inside"]).encode()


def headers() -> bytes:
    words = " =?utf-8?B?5bm05YGH?=" * 200_000
    return f"Subject:{words}\nFrom: {'<' * 100_000}\nTo: {'a@b.example, ' * 100_000}\n\ntext\n".encode()


def parameters() -> bytes:
    """A type with parameters in a hundred thousand continuations."""
    said = "".join(f";\n name*{n}*=utf-8''x" for n in range(100_000))
    return f"Subject: parameters\nContent-Type: text/plain{said}\n\ntext\n".encode()


def within() -> bytes:
    """A message in a message, a thousand times."""
    return b"Subject: within\nContent-Type: message/rfc822\n\n" * 1_000 + b"Subject: last\n\ntext\n"


def mailbox() -> bytes:
    return b"From a@b.example Thu Jan  1 00:00:00 2026\nSubject: one\n\ntext\n\n" * 200_000


def encoded() -> bytes:
    body = b"=" * 30_000_000
    return b"Subject: encoded\nContent-Transfer-Encoding: quoted-printable\n\n" + body


BOMBS: dict[str, Callable[[], bytes]] = {
    "parts.eml": parts,
    "nested.eml": nested,
    "headers.eml": headers,
    "parameters.eml": parameters,
    "within.eml": within,
    "encoded.eml": encoded,
    "mailbox.mbox": mailbox,
}
