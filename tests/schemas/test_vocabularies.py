"""The vocabularies: labels in both languages, and codes that other data may rely on."""

import json
import re
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

import schemas
from schemas.checking import CODES

FILES = sorted((Path(schemas.__file__).parent / "vocabularies").glob("*.json"))
NAMES = [path.name.removesuffix(".v1.json") for path in FILES]


def test_the_vocabularies_of_the_contract_are_there():
    assert set(NAMES) == {
        "kinds",
        "stages",
        "topics",
        "priority_groups",
        "organization_kinds",
        "organization_systems",
        "roles",
        "levels",
        "evidence_kinds",
        "consent_scopes",
        "withdrawal_reasons",
        "return_faults",
        "correction_severities",
        "hold_reasons",
        "pickup_uses",
        "crew_roles",
        "report_statuses",
        "profiles",
        "faults",
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_vocabulary_has_unique_codes_and_labels_in_both_languages(name):
    vocabulary = schemas.vocabulary(name)
    assert vocabulary.name == name
    assert vocabulary.title("vi") != vocabulary.title("en")
    assert len(vocabulary) == len(vocabulary.codes) == len(set(vocabulary.codes)) > 0
    for language in ("vi", "en"):
        labels = [item.label(language) for item in vocabulary]
        assert all(label.strip() for label in labels)
        assert len(set(labels)) == len(labels)
    for item in vocabulary:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", item.code)
        assert set(item.labels) == {"vi", "en"}


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_vocabulary_file_has_the_agreed_shape(path):
    data = json.loads(path.read_text(encoding="utf-8"))
    assert set(data) == {"name", "title", "items"}
    assert all({"code", "label"} <= set(item) for item in data["items"])


def test_a_vocabulary_cannot_be_changed():
    vocabulary = schemas.vocabulary("profiles")
    with pytest.raises(FrozenInstanceError):
        vocabulary.name = "other"
    with pytest.raises(TypeError):
        vocabulary["public"].labels["vi"] = "khác"
    assert isinstance(vocabulary["public"].extras["fields"], tuple)


@pytest.mark.parametrize(
    ("language", "label"),
    [("vi", "Ý tưởng"), ("vi-VN", "Ý tưởng"), ("en", "Idea"), ("EN-gb", "Idea"), ("fr", "Ý tưởng")],
)
def test_a_label_is_vietnamese_unless_another_language_is_known(language, label):
    assert schemas.vocabulary("kinds").label("y_tuong", language) == label


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("kinds", {"guong_nguoi_tot_viec_tot", "mo_hinh_cach_lam_hay", "dien_hinh_tien_tien", "y_tuong"}),
        ("stages", {"idea", "trial", "proven", "replicated"}),
        ("levels", {"grassroots", "commune", "province"}),
        (
            "topics",
            {
                "tuong_than_tuong_ai",
                "sang_kien_trong_cong_vu",
                "bao_ve_moi_truong",
                "quoc_phong_an_ninh",
                "hoc_tap_suot_doi",
                "phat_trien_kinh_te",
                "cai_cach_hanh_chinh",
                "trung_thuc_nhan_ai",
                "phong_chong_thien_tai",
            },
        ),
        (
            "priority_groups",
            {
                "nhan_dan_lao_dong",
                "can_bo_cong_chuc_vien_chuc",
                "thieu_nien",
                "chien_si",
                "doan_vien_thanh_nien",
                "cuu_chien_binh",
            },
        ),
        (
            "organization_kinds",
            {
                "mat_tran",
                "lien_doan_lao_dong",
                "cong_doan",
                "doan_thanh_nien",
                "hoi_phu_nu",
                "hoi_nong_dan",
                "hoi_cuu_chien_binh",
                "ban_tuyen_giao",
                "co_quan_bao_chi",
                "truong_hoc",
                "luc_luong_vu_trang",
                "chinh_quyen",
            },
        ),
        ("evidence_kinds", {"so_sach", "xac_nhan", "nhan_chung", "tai_lieu", "hien_vat"}),
        ("profiles", {"column", "segment", "public", "bulletin"}),
        (
            "withdrawal_reasons",
            {"consent_withdrawn", "factual_error", "duplicate", "legal", "subject_request", "other"},
        ),
    ],
)
def test_codes_that_other_data_relies_on_never_go(name, codes):
    assert codes <= set(schemas.vocabulary(name).codes)


def test_every_code_that_checking_can_answer_has_its_sentences():
    faults = schemas.vocabulary("faults")
    assert set(CODES.values()) | {"required", "unknown_field", "body_format", "order", "blank", "shape"} == set(
        faults.codes
    )
    for item in faults:
        variants = item.extras.get("variants", {}).values()
        for texts in (item.extras["sentence"], *variants):
            assert set(texts) == {"vi", "en"}
            assert texts["vi"] != texts["en"]
            assert re.findall(r"\{\w+\}", texts["vi"]) != []
            assert set(re.findall(r"\{\w+\}", texts["vi"])) == set(re.findall(r"\{\w+\}", texts["en"]))


def test_an_unknown_vocabulary_is_not_found():
    with pytest.raises(LookupError):
        schemas.vocabulary("colours")
