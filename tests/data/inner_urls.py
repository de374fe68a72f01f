"""Addresses that an attacker writes to reach what is not on the internet, in more than two hundred ways."""

from ipaddress import IPv4Address

PUBLIC = "93.184.216.34"
# Loopback, private, link-local with the metadata services of clouds, shared, unspecified.
INNER = (
    "127.0.0.1",
    "127.8.9.1",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "192.0.0.192",
    "0.0.0.0",
)
# Names, and what a resolver of the attacker (or of the machine) says of them.
NAMES = {
    "localhost": ["127.0.0.1", "::1"],
    "one.localhost": ["127.0.0.1"],
    "ip6-localhost": ["::1"],
    "inner.example.org": ["10.1.2.3"],
    "metadata.google.internal": ["169.254.169.254"],
    "mixed.example.org": [PUBLIC, "127.0.0.1"],
    "mixed-again.example.org": ["127.0.0.1", PUBLIC],
    "mapped.example.org": ["::ffff:127.0.0.1"],
    "six.example.org": ["fd00::1"],
    "link.example.org": ["fe80::1%eth0"],
    "site.example.org": ["fec0::1"],
    "many.example.org": ["224.0.0.1"],
    "many-six.example.org": ["ff02::1"],
    "all.example.org": ["255.255.255.255"],
    "next.example.org": ["240.0.0.1"],
    "nat.example.org": ["64:ff9b::7f00:1"],
    "nat-local.example.org": ["64:ff9b:1::a00:1"],
    "tunnel.example.org": ["2002:7f00:1::"],
    "teredo.example.org": ["2001:0:5db8:d822::80ff:fffe"],
    "documents.example.org": ["2001:db8::1"],
    "nobody.example.org": [],
    "xn--rksmrgs-5wao1o.example.org": ["192.168.0.7"],
}
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_CIRCLED = str.maketrans("123456789", "①②③④⑤⑥⑦⑧⑨")


def urls(port: int) -> list[str]:
    """All of them, with this port."""
    hosts = [spelling for address in INNER for spelling in _spellings(address)]
    hosts += [spelling for name in NAMES for spelling in (name, name.upper(), name + ".")]
    plain = [f"http://{host}:{port}/latest/meta-data/" for host in hosts]
    return [*plain, *(trick.replace("PORT", str(port)) for trick in _TRICKS)]


def _spellings(address: str) -> list[str]:
    number, parts = int(IPv4Address(address)), [int(part) for part in address.split(".")]
    a, b, c, d = parts
    return [
        address,
        f"{address}.",
        str(number),
        hex(number),
        f"0{number:o}",
        ".".join(f"{part:#x}" for part in parts),
        ".".join(f"0{part:03o}" for part in parts),
        f"{a}.{(b << 16) + (c << 8) + d}",
        f"{a}.{b}.{(c << 8) + d}",
        f"{a:#x}.{b}.0{c:o}.{d}",
        f"[::ffff:{address}]",
        f"[::ffff:{number >> 16:x}:{number & 0xFFFF:x}]",
        f"[::{address}]",
        f"[64:ff9b::{address}]",
        f"[2002:{number >> 16:x}:{number & 0xFFFF:x}::1]",
        address.translate(_FULL_WIDTH),
        address.translate(_CIRCLED),
        address.replace(".", "。"),
        f"{PUBLIC}@{address}",
    ]


_TRICKS = (
    "http://[::1]:PORT/",
    "http://[::]:PORT/",
    "http://[0:0:0:0:0:0:0:1]:PORT/",
    "http://[::1%25lo]:PORT/",
    "http://[fe80::1%25lo]:PORT/",
    "http://[fd00:ec2::254]:PORT/",
    "http://[::ffff:0:127.0.0.1]:PORT/",
    f"http://{PUBLIC}:80@127.0.0.1:PORT/",
    f"http://127.0.0.1:PORT#@{PUBLIC}/",
    f"http://127.0.0.1:PORT?@{PUBLIC}/",
    f"http://127.0.0.1:PORT\\@{PUBLIC}/",
    f"http://{PUBLIC}\\@127.0.0.1:PORT/",
    f"http://{PUBLIC}%40127.0.0.1:PORT/",
    f"http://127.0.0.1%2f@{PUBLIC}:PORT/",
    "http:///127.0.0.1:PORT/",
    "http:127.0.0.1:PORT/",
    "//127.0.0.1:PORT/",
    "http://127.0.0.1:PORT:80/",
    "http://127.0.\t0.1:PORT/",
    "http://127.0.0.1\n:PORT/",
    " http://127.0.0.1:PORT/",
    "HTTP://127.0.0.1:PORT/",
    "http://%31%32%37.0.0.1:PORT/",
    "http://127.0.0.1%00.example.org:PORT/",
    "http://1\u00ad27.0.0.1:PORT/",
    "http://127\u200b.0.0.1:PORT/",
    "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:PORT/",
    "http://loc\u00adalhost:PORT/",
    "http://127.0.0.1:PORT/../../",
    "http://0:PORT/",
    "http://127.1:PORT/",
    "file:///etc/passwd",
    "file://127.0.0.1/etc/passwd",
    "gopher://127.0.0.1:PORT/_GET",
    "dict://127.0.0.1:PORT/",
    "ftp://127.0.0.1:PORT/",
    "jar:http://127.0.0.1:PORT/!/",
    "unix:///var/run/docker.sock",
    "http+unix://127.0.0.1:PORT/",
    "ldap://127.0.0.1:PORT/",
)
