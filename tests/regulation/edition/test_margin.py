"""Every rule of the regulation that comes with the hub reads as words in both languages, without a code in it."""

from __future__ import annotations

import json
import re

import pytest

from hub.regulation.edition import editions, margin, side_by_side

DOCUMENT = json.loads(editions.default_text())
CLAUSES = [clause for chapter in DOCUMENT["chapters"] for clause in chapter["clauses"]]
CODE = re.compile(r"(?<![.\w])[a-z]+(?:_[a-z]+)+\b(?!\.)|%\(")  # a path of the story's document is none


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause["number"])
def test_a_clauses_margin_says_every_part_of_its_rules_in_words(clause: dict[str, object], language: str) -> None:
    notes = margin.notes_of(clause, language)
    rules = clause.get("rules", [])
    assert isinstance(rules, list)
    assert len(notes) == len(rules)
    for note, rule in zip(notes, sorted(rules, key=lambda rule: rule.get("paragraph", 1)), strict=True):
        assert len(note.lines) == len(set(rule) - {"paragraph"})
        for line in note.lines:
            assert line.text
            assert not CODE.search(line.text), line.text


def test_a_deadline_reads_as_people_say_it() -> None:
    clause = {
        "number": "1",
        "rules": [
            {
                "who": {"role": "confirmer", "of": "ancestor", "level": "province"},
                "what": {"act": "confirm", "step": "province"},
                "deadline": {"working_days": 3},
                "escalation": {"after": {"hours": 24}},
            }
        ],
    }
    (note,) = margin.notes_of(clause, "en")
    assert [line.text for line in note.lines] == [
        "Confirmer of the nearest organization above it at the level: Province or city",
        "confirm (the province's confirmation)",
        "3 working days",
        "to the next level after 24 hours",
    ]


def test_two_editions_stand_side_by_side_word_by_word() -> None:
    new = json.loads(editions.default_text())
    clause = new["chapters"][1]["clauses"][0]
    clause["paragraphs"][1]["text"] = clause["paragraphs"][1]["text"].replace("bài học", "kinh nghiệm")
    new["chapters"][0]["clauses"].pop()
    new["number"] = "09-QC/TU"
    compared = side_by_side.compare(DOCUMENT, new)
    assert [each.place for each in compared.around] == ["number"]
    changed, removed = sorted(compared.clauses, key=lambda pair: pair.kind)
    assert (changed.kind, removed.kind, removed.right) == ("changed", "removed", ())
    words = [piece.text for line in changed.right for piece in line if piece.changed]
    assert words == ["kinh nghiệm."]
    assert [piece.text for line in changed.left for piece in line if piece.changed] == ["bài học."]
    assert side_by_side.compare(DOCUMENT, DOCUMENT) == side_by_side.Compared((), ())
