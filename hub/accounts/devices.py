"""What people recognise a session by: the browser and system in words, and where about it was, shortened."""

from __future__ import annotations

from ipaddress import ip_address

MAX_AGENT = 2_000  # characters that are looked at
BROWSERS = (  # the first that stands in the text: later ones pretend to be earlier ones
    ("Zalo", "Zalo"),
    ("FBAN", "Facebook"),
    ("FBAV", "Facebook"),
    ("coc_coc_browser", "Cốc Cốc"),
    ("SamsungBrowser", "Samsung Internet"),
    ("EdgA/", "Edge"),
    ("EdgiOS", "Edge"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("YaBrowser", "Yandex"),
    ("FxiOS", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def device_words(user_agent: str) -> str:
    """``Firefox, Android``; what is not known is left out, and of nothing known there is "" ."""
    text = user_agent[:MAX_AGENT]
    found = (next((word for mark, word in table if mark in text), "") for table in (BROWSERS, SYSTEMS))
    return ", ".join(filter(None, found))


def shorten_address(address: str | None) -> str:
    """``203.0.113.…`` or ``2001:db8:12::…``: enough to know one's own network by, and nobody's door."""
    try:
        found = ip_address((address or "").partition("%")[0])
    except ValueError:
        return ""
    if found.version == 6 and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if found.version == 4:
        return f"{str(found).rpartition('.')[0]}.…"
    return ":".join(part.lstrip("0") or "0" for part in found.exploded.split(":")[:3]) + "::…"
