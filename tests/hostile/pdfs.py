"""PDFs that loop, swell, or claim to be endless. ISO 32000-2 is the format."""

import zlib
from collections.abc import Callable, Mapping
from functools import partial

_EMPTY = {1: "<< /Type /Catalog /Pages 2 0 R >>", 2: "<< /Type /Pages /Kids [] /Count 0 >>"}
_FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def pdf(objects: Mapping[int, str | bytes], *, trailer: str = "", size: int = 0) -> bytes:
    """A file of numbered objects with a table of where they stand; object 1 is the catalog."""
    out = bytearray(b"%PDF-1.7\n")
    table = ["xref\n"]
    for number, body in objects.items():
        table.append(f"{number} 1\n{len(out):010} 00000 n \n")
        data = body.encode() if isinstance(body, str) else body
        out += f"{number} 0 obj\n".encode() + data + b"\nendobj\n"
    about = f"<< /Size {size or max(objects) + 1} /Root 1 0 R {trailer} >>"
    last = f"trailer\n{about}\nstartxref\n{len(out)}\n%%EOF\n"
    return bytes(out) + "".join(table).encode() + last.encode()


def stream(data: bytes, about: str = "", *, length: int | None = None) -> bytes:
    """A stream object of these bytes as they are."""
    said = len(data) if length is None else length
    return f"<< /Length {said} {about} >>\nstream\n".encode() + data + b"\nendstream"


def page(
    content: bytes, *, resources: str = "", extra: Mapping[int, str | bytes] | None = None, **about: str
) -> bytes:
    """A file of one page. `content` is a stream object."""
    box = about.get("box", "[0 0 595 842]")
    return pdf(
        {
            1: f"<< /Type /Catalog /Pages 2 0 R {about.get('catalog', '')} >>",
            2: "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            3: f"<< /Type /Page /Parent 2 0 R /MediaBox {box} /Contents 4 0 R "
            f"/Resources << /Font << /F 5 0 R >> {resources} >> >>",
            4: content,
            5: about.get("font", _FONT),
            **(extra or {}),
        }
    )


def deflated(data: bytes) -> bytes:
    return stream(zlib.compress(data, 9), "/Filter /FlateDecode")


def flate_bomb() -> bytes:
    return page(deflated(b"BT /F 12 Tf (bomb bomb) Tj ET\n" * 20_000_000))


def flate_twice() -> bytes:
    inner = zlib.compress(zlib.compress(bytes(1 << 30), 9), 9)
    return page(stream(inner, "/Filter [/FlateDecode /FlateDecode]"))


def many_filters() -> bytes:
    return page(stream(b"x", f"/Filter [{'/FlateDecode ' * 100_000}]"))


def lzw_bomb() -> bytes:
    """Codes that each stand for one byte more than the one before."""
    bits, width, table = [format(256, "09b")], 9, 258
    for code in [65, *range(258, 4094)]:
        bits.append(format(code, f"0{width}b"))
        table += 1
        width = 10 if table > 510 else width
        width = 11 if table > 1022 else width
        width = 12 if table > 2046 else width
    data = "".join(bits)
    packed = int(data.ljust(-(-len(data) // 8) * 8, "0"), 2).to_bytes(-(-len(data) // 8), "big")
    return page(stream(packed * 60, "/Filter /LZWDecode"))


def run_length_bomb() -> bytes:
    return page(stream(b"\x81 " * 3_000_000, "/Filter /RunLengthDecode"))


def page_tree_loop() -> bytes:
    return pdf(
        {
            1: "<< /Type /Catalog /Pages 2 0 R >>",
            2: "<< /Type /Pages /Kids [3 0 R 2 0 R] /Count 9 >>",
            3: "<< /Type /Pages /Kids [2 0 R 3 0 R] /Parent 2 0 R /Count 9 >>",
        }
    )


def page_tree_wide() -> bytes:
    """The same page two million times, by a tree of few objects."""
    tree = {
        n: f"<< /Type /Pages /Kids [{f'{n + 1} 0 R ' * 128}] /Count {128 ** (5 - n)} >>" for n in (2, 3, 4)
    }
    return pdf(
        {
            1: "<< /Type /Catalog /Pages 2 0 R >>",
            **tree,
            5: "<< /Type /Page /MediaBox [0 0 9 9] /Parent 4 0 R >>",
        }
    )


def counted_pages() -> bytes:
    return pdf({1: "<< /Type /Catalog /Pages 2 0 R >>", 2: "<< /Type /Pages /Kids [] /Count 2000000000 >>"})


def xref_size() -> bytes:
    return pdf(
        {1: "<< /Type /Catalog /Pages 2 0 R >>", 2: "<< /Type /Pages /Kids [] /Count 0 >>"}, size=2**31 - 1
    )


def xref_stream() -> bytes:
    """A cross-reference stream with fields of two billion bytes."""
    body = stream(
        b"\0" * 64, "/Type /XRef /Size 2147483647 /W [2147483647 1 1] /Root 1 0 R /Index [0 2147483647]"
    )
    return b"%PDF-1.7\n1 0 obj\n" + body + b"\nendobj\nstartxref\n9\n%%EOF\n"


def previous_loop() -> bytes:
    return pdf(_EMPTY, trailer=f"/Prev {pdf(_EMPTY).index(b'xref')}")


def forms_in_forms() -> bytes:
    """Each form draws the next one ten times: 10^12 drawings."""
    forms: dict[int, str | bytes] = {
        n: stream(
            b"/X Do " * 10 if n < 17 else b"BT /F 1 Tf (x) Tj ET",
            f"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X {n + 1} 0 R >> >>",
        )
        for n in range(6, 19)
    }
    return page(stream(b"/X Do"), resources="/XObject << /X 6 0 R >>", extra=forms)


def form_loop() -> bytes:
    form = stream(
        b"/X Do /X Do",
        "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 6 0 R >> >>",
    )
    return page(stream(b"/X Do"), resources="/XObject << /X 6 0 R >>", extra={6: form})


def outline_loop() -> bytes:
    extra = {
        6: "<< /Type /Outlines /First 7 0 R /Last 7 0 R /Count 9 >>",
        7: "<< /Title (a) /Parent 6 0 R /Next 8 0 R /First 7 0 R >>",
        8: "<< /Title (b) /Parent 6 0 R /Next 7 0 R /First 8 0 R >>",
    }
    return page(stream(b"BT /F 12 Tf 50 500 Td (text) Tj ET"), catalog="/Outlines 6 0 R", extra=extra)


def unicode_map() -> bytes:
    """A font's map from one code to ever longer texts."""
    lines = b"".join(b"<%04X> <%04X> <%s>\n" % (n, n, b"0041" * 2_000) for n in range(5_000))
    about = (
        b"/CIDInit /ProcSet findresource begin begincmap 5000 beginbfrange\n" + lines + b"endbfrange endcmap"
    )
    font = (
        "<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /Identity-H /ToUnicode 6 0 R /DescendantFonts "
        "[<< /Type /Font /Subtype /CIDFontType2 /BaseFont /A /CIDSystemInfo << /Registry (A) /Ordering (B) "
        "/Supplement 0 >> /W [0 2000000000 500] >>] >>"
    )
    content = stream(
        b"BT /F 12 Tf 50 500 Td <" + b"".join(b"%04X" % n for n in range(5_000)) * 20 + b"> Tj ET"
    )
    return page(content, font=font, extra={6: deflated(about)})


def deep_arrays() -> bytes:
    return page(stream(b"[" * 1_000_000 + b"]" * 1_000_000 + b" TJ"), catalog="/A " + "[" * 200_000)


def picture(filter_: str, data: bytes, width: int = 100_000) -> bytes:
    about = (
        f"/Type /XObject /Subtype /Image /Width {width} /Height {width} /BitsPerComponent 8 "
        f"/ColorSpace /DeviceRGB /Filter /{filter_}"
    )
    content = stream(b"q 500 0 0 500 0 0 cm /X Do Q")
    return page(content, resources="/XObject << /X 6 0 R >>", extra={6: stream(data, about)})


def jbig2() -> bytes:
    """A page of 2^32 by 2^32 points."""
    segment = bytes.fromhex("00000000300001000000 13".replace(" ", "")) + b"\xff" * 8 + bytes(8) + b"\0\0\0"
    return picture("JBIG2Decode", segment + bytes.fromhex("0000000126000100000012") + b"\xff" * 18)


def many_pages() -> bytes:
    """50,000 pages that share one content of some length."""
    kids = " ".join(f"{n} 0 R" for n in range(10, 50_010))
    pages = dict.fromkeys(
        range(10, 50010),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
    )
    lines = b"".join(b"BT /F 9 Tf 40 %d Td (A line of some words) Tj ET\n" % y for y in range(40, 800, 12))
    return pdf(
        {
            1: "<< /Type /Catalog /Pages 2 0 R >>",
            2: f"<< /Type /Pages /Kids [{kids}] /Count 50000 >>",
            4: deflated(lines),
            5: _FONT,
            6: "<< /Font << /F 5 0 R >> >>",
            **pages,
        }
    )


def endless_text() -> bytes:
    """Four million letters on one page, none beside another."""
    lines = b"".join(b"BT /F 2 Tf %d %d Td (x) Tj ET\n" % (n % 590, n // 590 % 840) for n in range(1_000_000))
    return page(deflated(lines))


BOMBS: dict[str, Callable[[], bytes]] = {
    "flate.pdf": flate_bomb,
    "flate-twice.pdf": flate_twice,
    "many-filters.pdf": many_filters,
    "lzw.pdf": lzw_bomb,
    "run-length.pdf": run_length_bomb,
    "page-tree-loop.pdf": page_tree_loop,
    "page-tree-wide.pdf": page_tree_wide,
    "counted-pages.pdf": counted_pages,
    "xref-size.pdf": xref_size,
    "xref-stream.pdf": xref_stream,
    "previous-loop.pdf": previous_loop,
    "forms-in-forms.pdf": forms_in_forms,
    "form-loop.pdf": form_loop,
    "outline-loop.pdf": outline_loop,
    "unicode-map.pdf": unicode_map,
    "deep-arrays.pdf": deep_arrays,
    "picture.pdf": partial(picture, "FlateDecode", zlib.compress(bytes(100 << 20), 9)),
    "jbig2.pdf": jbig2,
    "jpx.pdf": partial(picture, "JPXDecode", b"\0\0\0\x0cjP  \r\n\x87\n" + b"\xff" * 1000),
    "long-length.pdf": partial(page, stream(b"x", length=2**31 - 1)),
    "huge-box.pdf": partial(page, stream(b"BT /F 12 Tf (x) Tj ET"), box="[-1e38 -1e38 1e38 1e38]"),
    "many-pages.pdf": many_pages,
    "endless-text.pdf": endless_text,
}
