"""The examples of the contract: the valid ones pass, the invalid ones answer exactly the faults they name."""

import json
from pathlib import Path

import pytest

import schemas

EXAMPLES = Path(schemas.__file__).parent / "examples"
VALID = sorted((EXAMPLES / "valid").glob("*/*.json"))
INVALID = sorted((EXAMPLES / "invalid").glob("*/*.json"))
LANGUAGES = ("vi", "en")


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def label(path):
    return f"{path.parent.name}/{path.stem}"


def answered(faults):
    return [{"pointer": fault.pointer, "code": fault.code} for fault in faults]


@pytest.mark.parametrize("path", VALID, ids=label)
def test_a_valid_example_has_no_fault(path):
    assert answered(schemas.check(path.parent.name, read(path))) == []


@pytest.mark.parametrize("path", INVALID, ids=label)
def test_an_invalid_example_answers_exactly_the_faults_it_names(path):
    example = read(path)
    assert set(example) == {"description", "document", "errors"}
    assert answered(schemas.check(path.parent.name, example["document"])) == example["errors"]


@pytest.mark.parametrize("path", INVALID, ids=label)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_of_the_examples_is_said_in_a_whole_sentence(path, language):
    for fault in schemas.check(path.parent.name, read(path)["document"]):
        sentence = fault.sentence(language)
        assert sentence.endswith((".", "?"))
        assert len(sentence) < 1000
        assert "mappingproxy" not in sentence
        assert "None" not in sentence


def test_there_are_enough_stories_and_they_use_every_kind():
    stories = [read(path) for path in VALID if path.parent.name == "story.v1"]
    assert len(stories) >= 16
    assert {story["kind"] for story in stories} == set(schemas.vocabulary("kinds").codes)
    assert {story["subject"]["type"] for story in stories} == {"individual", "collective", "household"}
    assert len([path for path in INVALID if path.parent.name == "story.v1"]) >= 42


def test_the_invalid_examples_meet_every_code_that_a_story_can_answer():
    met = {error["code"] for path in INVALID for error in read(path)["errors"]}
    assert met == set(schemas.vocabulary("faults").codes) - {"shape"}


def test_the_valid_stories_together_use_every_field():
    used = set()
    for path in VALID:
        if path.parent.name == "story.v1":
            used |= leaves(read(path))
    assert used == set(schemas.fields())


def leaves(value, path=""):
    if isinstance(value, dict):
        return {leaf for name, child in value.items() for leaf in leaves(child, f"{path}.{name}" if path else name)}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return {leaf for child in value for leaf in leaves(child, path)}
    return {path}
