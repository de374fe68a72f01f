"""`kb receipts` and `kb verify-receipt`: proofs of deletion, listed, printed, checked."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import layout, terminal
from api.cli.options import Home, Json
from rag.errors import BadInput, NotFound

if TYPE_CHECKING:
    from rag.catalog.erasures import Erased
    from rag.erase.receipt import Checked
    from rag.system import System

Id = Annotated[str | None, typer.Argument(metavar="[ID]", help="Print this receipt.")]
Of = Annotated[str | None, typer.Option("--of", metavar="SOURCE", help="Receipts of this source path.")]
Forget = Annotated[bool, typer.Option("--forget", help="Of the ID: keep the receipt, drop its probes.")]
File = Annotated[str, typer.Argument(metavar="FILE", help="A receipt, or - for standard input.")]
PublicKey = Annotated[
    str | None, typer.Option("--public-key", help="The key it must be signed with, or a file with it.")
]
_WIDTHS = (16, 20, 9, 10, 12)


def receipts(
    id: Id = None,  # noqa: A002  # it is what users type
    of: Of = None,
    forget: Forget = False,
    home: Home = None,
    json: Json = False,
) -> int:
    """List the receipts of deletions, or print one as it was signed."""
    from api.cli import opened

    async def read(system: "System") -> "list[Erased]":
        from anyio.to_thread import run_sync

        return await run_sync(_read, system, id, of, forget)

    found = opened.run(read, home=home)
    public = _ours(home) if found else None
    if forget:
        terminal.note(f"kb: {id} stays, and nobody can look for its documents again")
    elif id is not None:
        terminal.out_exactly(found[0].receipt + "\n")
    elif json:
        terminal.out_json({"receipts": [_row(one) for one in found], "public_key": public})
    elif found:
        _print(found)
        terminal.note(f"kb: public key of this installation: {public}")
    else:
        terminal.note("kb: no receipts")
    return 0


def verify_receipt(file: File, public_key: PublicKey = None, home: Home = None, json: Json = False) -> int:
    """Check a receipt: ok (0), tampered with, or signed by another installation (4)."""
    from rag.erase import receipt as receipts
    from rag.erase import signing

    data = _bytes(file)
    public = _ours(home) if public_key is None else signing.public_key(public_key)
    checked = receipts.check(data, public)
    _tell(checked, json)
    return 0 if checked.verdict is receipts.Verdict.OK else BadInput.exit_code


def _ours(home: str | None) -> str | None:
    """The public key of this installation; None when it has none yet."""
    from rag.erase import signing
    from rag.settings import load

    ours = signing.load(load(home=home).home)
    return ours.public if ours is not None else None


def _read(system: "System", wanted: str | None, of: str | None, forget: bool) -> "list[Erased]":
    from rag.catalog import erasures

    tenant = system.settings.tenant
    if forget and wanted is None:
        raise BadInput("--forget needs the id of a receipt", hint="kb receipts lists them")
    with system.catalog.read() as connection:
        found = erasures.listing(connection, tenant)
    if wanted is not None:
        found = [one for one in found if one.id == wanted]
        if not found:
            raise NotFound(f"no receipt {wanted!r}", hint="kb receipts lists them")
    if forget and wanted is not None:
        with system.catalog.write() as connection:
            erasures.forget_probes(connection, tenant, wanted)
    name = "" if of is None else _name(system, of)
    return [one for one in found if name in one.receipt]


def _name(system: "System", source: str) -> str:
    """A source path as receipts know it: a keyed hash."""
    from rag.erase import signing
    from rag.erase.decision import hashed

    ours = signing.load(system.settings.home)
    if ours is None:
        raise NotFound("this installation has signed no receipts yet", hint="kb delete makes them")
    return hashed(source, ours.secret)


def _row(one: "Erased") -> dict[str, Any]:
    from json import loads

    body = loads(one.receipt)
    names = ("id", "finished", "by", "asked", "result", "counts")
    return {**{name: body[name] for name in names}, "documents": len(body["documents"])}


def _print(found: "list[Erased]") -> None:
    told = [_row(one) for one in found]
    rows = [("receipt", "finished", "documents", "asked by", "result")]
    rows += [
        (one["id"], one["finished"], str(one["documents"]), one["asked"]["kind"], one["result"])
        for one in told
    ]
    for line in layout.table(rows, _WIDTHS):
        terminal.out(line.rstrip())


def _bytes(file: str) -> bytes:
    """At most as much as a receipt may have."""
    from rag.erase.receipt import MOST_BYTES

    if file == "-":
        return sys.stdin.buffer.read(MOST_BYTES + 1)
    try:
        with Path(file).open("rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}", hint="kb verify-receipt FILE") from error


def _tell(checked: "Checked", json: bool) -> None:
    body = checked.body
    if json:
        terminal.out_json({"verdict": str(checked.verdict), "receipt": dict(body)})
        return
    if not body:
        terminal.out("tampered: this is no receipt, or not as it was signed")
        return
    terminal.out(
        f"{checked.verdict}: receipt {body.get('id')}, signed by installation {body['installation']}"
    )
    count, finished = len(body.get("documents", ())), body.get("finished")
    terminal.out(f"{count} documents deleted, finished {finished}, result: {body.get('result')}")
