"""What the rich-text editor may hold: the sanitizer's table, said as a schema that a browser can build.

`hub/intake/html.py` rules alone. Here stands only what a table of tags cannot say: which of them are blocks and what
they hold, and which mark text. ProseMirror's content expressions; `block` and `inline` are groups. The order matters:
where something is missing, the editor puts the first that fits, and marks nest in the order in which they stand.
Source: ProseMirror guide, "Schemas".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hub.intake.html import (
    ALLOWED,
    ALLOWED_PROTOCOLS,
    DROPPED,
    MAX_ADDRESS,
    MEDIA_ID,
    OWN_MEDIA_PROTOCOL,
    RENAMED,
    SCOPE,
    SPAN,
    START,
)

__all__ = ["MARKS", "NODES", "Holds", "editor_schema"]


@dataclass(frozen=True, slots=True)
class Holds:
    """A tag that is a node of the document: what it holds, and where it may stand."""

    content: str = ""  # of ProseMirror; "" for a leaf
    group: str = ""  # "block", "inline"; "" where only its parent names it
    traits: tuple[str, ...] = ()  # "code", "defining", "isolating", "inline": flags of ProseMirror's NodeSpec


NODES: dict[str, Holds] = {
    "p": Holds("inline*", "block"),
    "h2": Holds("inline*", "block", ("defining",)),
    "h3": Holds("inline*", "block", ("defining",)),
    "h4": Holds("inline*", "block", ("defining",)),
    "ul": Holds("li+", "block"),
    "ol": Holds("li+", "block"),
    "li": Holds("block+", "", ("defining",)),
    "blockquote": Holds("block+", "block", ("defining",)),
    "pre": Holds("inline*", "block", ("code", "defining")),
    "div": Holds("block+", "block"),
    "dl": Holds("(dt | dd)+", "block"),
    "dt": Holds("inline*", "", ("defining",)),
    "dd": Holds("block+", "", ("defining",)),
    "figure": Holds("(block | figcaption)+", "block", ("defining",)),
    "figcaption": Holds("inline*", "", ("defining",)),
    "table": Holds("caption? (tbody | thead | tfoot)+", "block", ("isolating",)),
    "caption": Holds("inline*", "", ("isolating",)),
    "thead": Holds("tr+"),
    "tbody": Holds("tr+"),
    "tfoot": Holds("tr+"),
    "tr": Holds("(td | th)+"),
    "td": Holds("block+", "", ("isolating",)),
    "th": Holds("block+", "", ("isolating",)),
    "hr": Holds("", "block"),
    "br": Holds("", "inline", ("inline",)),
    "img": Holds("", "inline", ("inline",)),
}
MARKS = (
    "a", "abbr", "q", "cite", "ins", "del", "mark", "small", "strong", "b", "em", "i", "u", "s", "sub", "sup", "code",
)  # fmt: skip
_TEXT = {"kind": "text"}
_WEB = {"kind": "address", "protocols": sorted(ALLOWED_PROTOCOLS - {"mailto"}), "most": MAX_ADDRESS}
_RULES: dict[tuple[str, str], dict[str, Any]] = {
    ("a", "href"): {**_WEB, "protocols": sorted(ALLOWED_PROTOCOLS), "needed": True},
    ("blockquote", "cite"): _WEB,
    ("img", "src"): {"kind": "pattern", "pattern": f"{OWN_MEDIA_PROTOCOL}:{MEDIA_ID}", "needed": True},
    ("ol", "start"): {"kind": "pattern", "pattern": START},
    ("th", "scope"): {"kind": "pattern", "pattern": SCOPE},
    **{(cell, span): {"kind": "pattern", "pattern": SPAN} for cell in ("td", "th") for span in ("colspan", "rowspan")},
    **{(tag, "title"): _TEXT for tag in ("a", "abbr", "img")},
    ("img", "alt"): _TEXT,
}


def editor_schema() -> dict[str, Any]:
    """The schema as JSON has it, for the `data-allowed` of a `<textarea data-editor>`.

    `nodes` and `marks` are lists of {"tag", "attributes", …} in order; an attribute's rule is {"kind": "text"},
    {"kind": "address", "protocols", "most"} or {"kind": "pattern", "pattern"}, with "needed" where the tag goes
    without it. `renamed` and `dropped` say what pasting does with other tags; all others are unwrapped.
    """
    return {
        "nodes": [
            {
                "tag": tag,
                "content": holds.content,
                "group": holds.group,
                "traits": list(holds.traits),
                "attributes": _attributes(tag),
            }
            for tag, holds in NODES.items()
        ],
        "marks": [{"tag": tag, "attributes": _attributes(tag)} for tag in MARKS],
        "renamed": RENAMED,
        "dropped": sorted(DROPPED),
    }


def _attributes(tag: str) -> dict[str, dict[str, Any]]:
    return {name: _RULES[tag, name] for name in ALLOWED[tag]}
