"""Looking at a page as its readers do: small targets, focus that nobody sees, what it costs, what jumps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

LOOKS = (Path(__file__).parent / "looks.js").read_text(encoding="utf-8")

WATCH = """
window.blocked = 0;
new PerformanceObserver((list) => {
  for (const task of list.getEntries()) window.blocked += Math.max(0, task.duration - 50);
}).observe({ type: 'longtask', buffered: true });
"""  # to be run before a page's own scripts
ENOUGH = 10  # of a kind in one place


@dataclass(frozen=True, slots=True)
class Cost:
    """What a page made the browser load, in bytes before compression."""

    requests: int  # the page itself among them
    html: int
    css: int
    scripts: int
    fonts: int


def prepare(page: Page) -> None:
    """Bring what looks into the page; a key first, so that focus counts as that of a keyboard."""
    page.evaluate(LOOKS)
    page.keyboard.press("Shift")


def open_folds(page: Page) -> None:
    """Unfold whatever the content of the page folds away."""
    page.evaluate("document.querySelectorAll('main details').forEach(fold => { fold.open = true; })")


def thin_out(page: Page) -> None:
    """Take away most of what a very long page has many of, before axe looks at it."""
    page.evaluate(f"looks.thinOut({ENOUGH})")


def contrast_faults(page: Page) -> list[str]:
    """What axe-core, which has looked at this page before, finds in its colours now."""
    found: list[str] = page.evaluate(
        "axe.run(document, {runOnly: {type: 'rule', values: ['color-contrast', 'link-in-text-block']}})"
        ".then(said => said.violations.flatMap(fault => fault.nodes.map("
        "node => `${fault.id}: ${node.html.slice(0, 200)} ${node.failureSummary}`)))"
    )
    return found


def small_targets(page: Page) -> list[str]:
    """Targets under 24 × 24 CSS pixels that no exception of WCAG 2.2, 2.5.8 covers, with their sizes."""
    found: list[str] = page.evaluate("looks.smallTargets()")
    return found


def unmarked_focus(page: Page) -> list[str]:
    """What can have the focus, and looks no different with it."""
    found: list[str] = page.evaluate("looks.unmarkedFocus()")
    return found


def layout_shift(page: Page) -> float:
    """How much of the page has moved so far without anybody's doing (0 to about 1, as the browser counts)."""
    found: float = page.evaluate("looks.shift()")
    return found


def blocking_ms(page: Page) -> float:
    """For how long the page would not have answered, of its tasks what goes past 50 ms; needs WATCH."""
    found: float = page.evaluate("window.blocked")
    return found


def cost_of(page: Page) -> Cost:
    """What loading the page has cost; what the browser held already counts as if it had come anew."""
    said = page.evaluate("looks.cost()")

    def bytes_of(*endings: str) -> int:
        return sum(part["bytes"] for part in said["parts"] if part["name"].endswith(endings))

    return Cost(
        requests=1 + len(said["parts"]),
        html=said["html"],
        css=bytes_of(".css"),
        scripts=bytes_of(".js"),
        fonts=bytes_of(".woff2"),
    )
