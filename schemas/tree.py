"""Walking a schema by property names: what lies below a node, and what a pointer into a document leads past.

Knows the few constructs our schemas use: properties, items, local $ref, and branches by allOf/if/then.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Node = Mapping[str, Any]
Tokens = Sequence[str | int]


def shapes(root: Node, node: Node) -> Iterator[Node]:
    """`node` with its reference followed, then each branch that may add to it."""
    reference = node.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/"):
        yield from shapes(root, _at(root, reference))
    yield node
    for part in (*node.get("allOf", ()), node.get("then")):
        if isinstance(part, Mapping):
            yield from shapes(root, part)


def members(root: Node, node: Node) -> Iterator[tuple[str, Node, Node]]:
    """Each property below `node`: its name, its node, and the shape of `node` it stands in."""
    for shape in shapes(root, node):
        for name, child in shape.get("properties", {}).items():
            yield name, child, shape


def element(root: Node, node: Node) -> Node | None:
    """The node of an array's elements, None when `node` is no array."""
    for shape in shapes(root, node):
        if isinstance(shape.get("items"), Mapping):
            found: Node = shape["items"]
            return found
    return None


def trail(root: Node, tokens: Tokens) -> list[Node | None]:
    """The schema node at each step of a pointer; None from where the schema does not know it."""
    steps: list[Node | None] = []
    node: Node | None = root
    for token in tokens:
        if node is not None:
            node = element(root, node) if isinstance(token, int) else member(root, node, token)
        steps.append(node)
    return steps


def value_of(root: Node, node: Node, keyword: str) -> Any:
    """A keyword's value on the node or on a shape of it; None when absent."""
    return next((shape[keyword] for shape in shapes(root, node) if keyword in shape), None)


def member(root: Node, node: Node, name: str) -> Node | None:
    """The node of one property below `node`; None when there is none."""
    return next((child for found, child, _ in members(root, node) if found == name), None)


def _at(root: Node, reference: str) -> Node:
    node = root
    for token in reference.removeprefix("#/").split("/"):
        node = node[token]
    return node
