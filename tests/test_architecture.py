"""The house as design says: imports point down, and each chosen part is imported in one place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = (  # from the roof down; a room imports only rooms on lower floors, and itself
    {"hub.__main__"},
    {"hub.cli"},
    {"hub.app", "hub.background"},
    {"hub.worker"},
    {"hub.api", "hub.web", "hub.public"},
    {"hub.http"},
    {"hub.demo"},
    {"hub.operation"},
    {"hub.intake"},
    {"hub.regulation"},
    {"hub.publishing"},
    {"hub.delivery"},
    {"hub.outlets"},
    {"hub.accounts"},
    {"hub.records"},
    {"hub.models", "hub.migrations"},
    {"hub.tables"},
    {"hub.apart"},
    {"hub.packed"},
    {"hub.actors", "hub.db", "hub.errors", "hub.ids", "hub.config", "hub.i18n"},
    {"hub.clock"},  # sentences tell the time of Việt Nam
    {"feeds", "schemas"},
)
ONLY_IN = {  # part: the places that may import it (design §7)
    "feedgen": ("feeds/_feedgen.py",),
    "feedparser": ("feeds/parse.py",),
    "bleach": ("hub/intake/",),
    "nh3": ("hub/intake/",),
    "jsonschema_rs": ("schemas/",),
    "PIL": ("hub/intake/pictures.py", "hub/demo/"),
    "markdown_it": ("hub/intake/markdown.py",),
    "granian": ("hub/cli/serving.py",),
    "rich": ("hub/cli/",),
    "rfc8785": ("hub/records/", "hub/intake/importing.py"),
    "alembic": ("hub/migrations/",),
    "limits": ("hub/http/limits.py",),
    "openpyxl": ("hub/tables.py",),
    "holidays": ("hub/regulation/edition/working_days.py",),
    "nacl": ("hub/regulation/sealed/sealing.py",),
    "aiohttp": ("hub/delivery/transport.py",),
    "yarl": ("hub/delivery/urls.py",),
    "smtplib": ("hub/delivery/mail.py",),
    "cryptography": ("hub/records/signing.py", "hub/records/secret.py", "hub/accounts/totp.py"),
    "lxml": ("feeds/_feedgen.py", "hub/operation/genuine_xml.py"),
    "icalendar": ("feeds/_icalendar.py",),
    "docx": ("feeds/_docx.py",),
    "dateutil": ("hub/outlets/planning/recurrence.py",),
    "argon2": ("hub/accounts/passwords.py",),
    "flask_wtf": ("hub/web/protection.py",),
    "joserfc": ("hub/accounts/oidc.py",),
    "mammoth": ("hub/intake/_mammoth.py",),
    "segno": ("hub/http/qr.py",),
}
NO_WEB_NO_DATABASE = ("feeds", "schemas")
PURE = (
    "hub/accounts/table_columns.py",
    "hub/regulation/workflow.py",
    "hub/regulation/release_rules.py",
    "hub/outlets/selection.py",
    "hub/outlets/embargo.py",
    "hub/publishing/visibility.py",
    "hub/publishing/conformance_calendar.py",
    "hub/publishing/ranges.py",
    "hub/publishing/conformance.py",
    "hub/records/disclosures.py",
    "hub/intake/advice.py",
    "hub/intake/html.py",
    "hub/intake/editor_schema.py",
    "hub/intake/legacy_text.py",
    "hub/intake/tables/columns.py",
    "hub/regulation/edition/clauses.py",
    "hub/regulation/edition/clause_faults.py",
    "hub/regulation/edition/drafting.py",
    "hub/regulation/edition/gaps.py",
    "hub/regulation/edition/margin.py",
    "hub/regulation/edition/side_by_side.py",
    "hub/regulation/edition/places.py",
    "hub/regulation/edition/positions.py",
    "hub/regulation/edition/working_days.py",
    "hub/regulation/duties/reckoning.py",
    "hub/records/grants.py",
    "hub/records/own_part.py",
    "hub/regulation/consent/agreed_days.py",
    "hub/regulation/consent/consent_rules.py",
    "hub/regulation/consent/short_names.py",
    "hub/regulation/refusals.py",
    "hub/regulation/chain.py",
    "hub/regulation/wording.py",
    "hub/intake/likeness.py",
    "hub/regulation/sealed/sealing.py",
    "hub/regulation/sealed/report_form.py",
    "hub/regulation/holds.py",
    "hub/regulation/filed/request_states.py",
    "hub/accounts/devices.py",
    "hub/accounts/oidc.py",
    "hub/accounts/passwords.py",
    "hub/accounts/throttle.py",
    "hub/http/qr.py",
    "hub/regulation/filed/one_line.py",
    "hub/delivery/addresses.py",
    "hub/delivery/retries.py",
    "hub/delivery/urls.py",
    "hub/delivery/signatures.py",
    "hub/delivery/pushing/lanes.py",
    "hub/records/signing.py",
    "hub/publishing/proofs.py",
    "hub/outlets/planning/moves.py",
    "hub/outlets/planning/slots.py",
    "hub/outlets/planning/clockwork.py",
    "hub/outlets/planning/on_air.py",
    "hub/outlets/planning/recurrence.py",
    "hub/outlets/planning/wording.py",
    "hub/web/editor/drawing.py",
    "hub/outlets/planning/plain_rules.py",
    "hub/intake/pulling/bodies.py",
    "hub/intake/pulling/faults.py",
    "hub/intake/pulling/intervals.py",
    "hub/intake/pulling/mapping.py",
    "hub/intake/pulling/sameness.py",
    "hub/web/unit/mapping.py",
)


@cache
def _modules() -> list[Path]:
    return [path for package in ("hub", "feeds", "schemas") for path in sorted((ROOT / package).rglob("*.py"))]


@cache
def _imports(path: Path, *, at_run_time: bool = True) -> tuple[str, ...]:
    return tuple(_find_imports(path, at_run_time=at_run_time))


def _find_imports(path: Path, *, at_run_time: bool) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = {id(n) for block in ast.walk(tree) if _is_type_checking(block) for n in ast.walk(block)}
    for node in ast.walk(tree):
        if at_run_time and id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _room(module: str) -> str | None:
    rooms = {room for floor in FLOORS for room in floor}
    parts = module.split(".")
    return next((name for n in (2, 1) if (name := ".".join(parts[:n])) in rooms), None)


def _floor(room: str) -> int:
    return next(place for place, floor in enumerate(FLOORS) if room in floor)


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("path", _modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    own = _room(_name(path))
    if own is None:
        assert _name(path) == "hub"  # only the package itself stands on no floor
        return
    for module in _imports(path):
        other = _room(module)
        if other is None or other == own:
            continue
        lower = _floor(own) < _floor(other)
        siblings = {own, other} == {"hub.models", "hub.migrations"}
        assert lower or siblings, f"{_name(path)} imports {module}: upwards, or across"


def test_rooms_on_one_floor_do_not_import_each_other_in_circles() -> None:
    arrows = {
        (_room(_name(path)), _room(module)) for path in _modules() for module in _imports(path, at_run_time=False)
    }
    for here, there in arrows:
        if here and there and here != there:
            assert (there, here) not in arrows, f"{here} and {there} import each other"


@pytest.mark.parametrize("part", ONLY_IN)
def test_each_chosen_part_is_imported_in_one_place(part: str) -> None:
    for path in _modules():
        used = any(module == part or module.startswith(part + ".") for module in _imports(path, at_run_time=False))
        place = path.relative_to(ROOT).as_posix()
        assert not used or place.startswith(ONLY_IN[part]), f"{place} imports {part}"


@pytest.mark.parametrize("package", NO_WEB_NO_DATABASE)
def test_feeds_and_schemas_know_no_web_and_no_database(package: str) -> None:
    for path in sorted((ROOT / package).rglob("*.py")):
        found = {module.split(".")[0] for module in _imports(path, at_run_time=False)}
        assert not found & {"flask", "sqlalchemy", "hub", "werkzeug"}, path


@pytest.mark.parametrize("place", PURE)
def test_deciders_touch_no_session(place: str) -> None:
    found = {module.split(".")[0] for module in _imports(ROOT / place, at_run_time=False)}
    assert not found & {"flask", "sqlalchemy"}


def test_feeds_has_no_clock() -> None:
    for path in sorted((ROOT / "feeds").rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        assert not any(clock in source for clock in (".now(", "utcnow(", "time.time(", "monotonic(", ".today(")), path


def test_templates_never_call_anything_safe() -> None:
    for path in sorted((ROOT / "hub").rglob("*.html")):
        assert "|safe" not in path.read_text(encoding="utf-8").replace(" ", ""), path


def test_the_top_level_holds_what_design_names() -> None:
    tracked = {"hub", "feeds", "schemas", "tests", "pyproject.toml", "README.md", "LICENSE"}
    ignored = {"build", "dist", "hub-data", "hub-demo"}
    found = {
        path.name for path in ROOT.iterdir() if not path.name.startswith(".") and not path.name.endswith(".egg-info")
    }
    assert found - ignored <= tracked
