"""The catalogues hold every sentence, in both languages, and nothing that nobody says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract, extract_python
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

import schemas
from hub import i18n

HUB = Path(i18n.FOLDER).parent
LANGUAGES = ("vi", "en")
KEY = re.compile(r"(?:error|fault)\.[a-z_]+")
# calls, and which argument is the code
CODES = {
    "Fault": 1,
    "_fault": 1,
    "Refusal": 0,
    "BadJson": 0,
    "BadText": 0,
    "NotAPicture": 0,
    "FileRefused": 0,
    "fault_at": 2,
}
FUNCTIONS = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
PLACEHOLDER = re.compile(r"%\((\w+)\)([sd])")
Said = str | tuple[str, ...] | list[str]


@cache
def catalogue(language: str) -> dict[str, Message]:
    """The entries of a language's .po, by what is looked up: a key, or the (first) English text."""
    return {first(message.id): message for message in read(language) if message.id}


def read(language: str) -> Catalog:
    with (Path(i18n.FOLDER) / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_stands_twice(language: str) -> None:
    """Babel takes one of the two without a word."""
    text = (Path(i18n.FOLDER) / language / "LC_MESSAGES" / "messages.po").read_text(encoding="utf-8")
    said = re.findall(r'^msgid (".+"(?:\n".*")*|""(?:\n".+")+)$', text, re.MULTILINE)
    assert len(said) > 200
    assert sorted(set(said)) == sorted(said)


def first(said: Said) -> str:
    return said if isinstance(said, str) else said[0]


def texts(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


@cache
def keys_in_code() -> set[str]:
    """Every `error.…` that stands in the code, and `fault.…` for each code that the schemas have no sentence for."""
    found = set()
    for path in HUB.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and KEY.fullmatch(node.value):
                found.add(node.value)
            if isinstance(node, ast.FunctionDef):
                found |= {f"fault.{code}" for code in codes_in(node) if code not in schemas.vocabulary("faults")}
    return found


def codes_in(function: ast.FunctionDef) -> Iterator[str]:
    """The codes a function refuses with: written in the call, or put into a variable of the same function before."""
    for call in ast.walk(function):
        if not isinstance(call, ast.Call):
            continue
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        if name not in CODES or len(call.args) <= CODES[name]:
            continue
        code = call.args[CODES[name]]
        sources = [code, *(values_of(function, code.id) if isinstance(code, ast.Name) else ())]
        for source in sources:
            branches = [source.body, source.orelse] if isinstance(source, ast.IfExp) else [source]
            yield from (b.value for b in branches if isinstance(b, ast.Constant) and isinstance(b.value, str))


def values_of(function: ast.FunctionDef, name: str) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            yield node.value


@cache
def texts_of_pages() -> set[str]:
    """The English text of everything that templates and views say through Flask-Babel."""
    sources = [(path, babel_extract) for path in HUB.rglob("templates/**/*.html")]
    sources += [(path, extract_python) for path in HUB.rglob("*.py")]
    found = set()
    for path, method in sources:
        with path.open("rb") as file:
            for _, said, _, _ in extract(method, file, keywords=FUNCTIONS, options={"silent": "false"}):
                found.add(first(said))
    return found


def test_the_code_is_read_as_it_is_written() -> None:
    assert {"error.not_found", "fault.no_guest", "fault.duplicate_key", "fault.unknown_channel"} <= keys_in_code()
    assert not any(key.removeprefix("fault.") in schemas.vocabulary("faults") for key in keys_in_code())
    assert {"Stories worth following", "%(num)d second"} <= texts_of_pages()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_has_its_sentence(language: str) -> None:
    assert sorted(keys_in_code() - catalogue(language).keys()) == []


def test_every_text_of_a_page_has_its_vietnamese() -> None:
    assert sorted(texts_of_pages() - catalogue("vi").keys()) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_stands_there_that_nobody_says(language: str) -> None:
    assert sorted(catalogue(language).keys() - keys_in_code() - texts_of_pages()) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_entry_is_empty_or_doubtful(language: str) -> None:
    for said, message in catalogue(language).items():
        assert not message.fuzzy, said
        assert len(texts(message)) == (1 if isinstance(message.id, str) else read(language).num_plurals), said
        for text in texts(message):
            assert text.strip(), said
            assert text == text.strip(), said


@pytest.mark.parametrize("language", LANGUAGES)
def test_refusals_are_whole_sentences(language: str) -> None:
    for key in keys_in_code() & catalogue(language).keys():
        text = i18n.sentence(key, language)
        assert text[0].isupper() or text[0] in "“%…", key
        assert text.endswith((".", "?")), key
        assert "%(" not in text, key


def test_both_languages_hold_the_same_placeholders() -> None:
    vi, en = catalogue("vi"), catalogue("en")
    for said, message in vi.items():
        english = texts(en[said])[0] if said in en else said
        for text in texts(message):
            assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(english)), said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_percent_sign_is_always_a_placeholder(language: str) -> None:
    for said, message in catalogue(language).items():
        for text in texts(message):
            assert text.count("%") == len(PLACEHOLDER.findall(text)), said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_equals_its_source(language: str) -> None:
    """Otherwise: pybabel compile -d hub/i18n"""
    with (Path(i18n.FOLDER) / language / "LC_MESSAGES" / "messages.mo").open("rb") as file:
        compiled = {first(message.id): texts(message) for message in read_mo(file) if message.id}
    assert compiled == {said: texts(message) for said, message in catalogue(language).items()}


def test_a_missing_fact_leaves_a_readable_sentence() -> None:
    assert i18n.sentence("error.code_taken", "en") == "The code “…” is already taken. Choose another one."
    assert i18n.sentence("error.code_taken", "vi", code="nghe-ca").startswith("Mã “nghe-ca” ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_facts_may_have_any_name(language: str) -> None:
    """Facts come from errors: none may clash with what `sentence` calls its own parameters."""
    assert "“x”" in i18n.sentence("fault.duplicate_key", language, key="x", language="y")
