"""The codes of faults that are not the schemas' own, by what they are about."""

from __future__ import annotations

from collections.abc import Sequence

from hub.api.calls.shapes import Text
from hub.regulation import refusals

# The codes in `errors` that are not the schemas' own (vocabulary `faults`); their sentences are under fault.<code>.
FAULT_CODES: Sequence[tuple[Text, str]] = (
    (
        Text("JSON không đọc được", "JSON that cannot be read"),
        "not_utf8 not_json duplicate_key not_a_number number_too_large lone_surrogate too_deep",
    ),
    (
        Text("Bài", "Stories"),
        "unclean too_complex empty_after_cleaning unknown_upload not_withdrawn agreed_to_come still_to_come",
    ),
    (
        Text("Ảnh, video", "Pictures, films"),
        "not_a_picture type_mismatch too_large too_many_pixels truncated not_a_film digest_differs",
    ),
    (
        Text("Tệp Word, bảng", "Word files, tables"),
        "file_not_office file_old_word file_old_excel file_encrypted file_macros file_entities file_bomb file_too_deep "
        "file_broken file_too_slow file_too_heavy file_readers_busy file_empty file_no_table file_external_links "
        "table_empty table_no_columns table_column_twice word_comments word_cut word_embedded word_external "
        "word_pictures_external word_pictures_kind word_pictures_many word_failed word_broken_off",
    ),
    (
        Text("Tại bàn làm việc", "At the desks"),
        "plain_required plain_enum plain_number plain_suggestion which_one too_many_named",
    ),
    (
        Text("Bước xử lý", "Acts"),
        "note_needed unknown_channel unknown_story joined_into_itself unknown_claim field_not_changed no_such_field",
    ),
    (Text("Sổ đồng ý", "The consent ledger"), "unknown_proof"),
    (
        Text("Phản hồi sử dụng; báo cáo, ý tưởng; đề nghị", "Pick-ups; reports, ideas; requests"),
        "use_to_come version_not_had quarter_not_over unknown_organization day_gone_by unknown_question",
    ),
    (
        Text("Lên lịch phát sóng", "Planning of broadcasts"),
        "fixed_once_planned unknown_zone window_ends_first not_for_segments not_an_occurrence not_on_the_card "
        "unknown_booking option_over no_such_item rundown_full story_not_read bad_rule not_of_the_rule",
    ),
    (
        Text("Bảng tổ chức, người dùng", "Tables of organizations, users"),
        "unknown_column cell_missing cell_not_in_list cell_not_a_day overlapping_rows gap_between_rows "
        "ends_before_it_begins begins_before_parent unknown_parent circle "
        "cell_not_a_code ended_already overlaps_known "
        "ends_before_it_starts deputy_for_oneself deputy_named_by_oneself deputy_too_long",
    ),
    (
        Text("Biểu mẫu tại bàn làm việc, khởi tạo hệ thống", "Forms of the desks, and the first start"),
        "field_needed file_missing name_too_long named_as_one_below no_letter no_such_organization no_such_user",
    ),
    (
        Text("Quy chế", "The regulation"),
        "duplicate_number unknown_duty unknown_owner unknown_clause unknown_paragraph unknown_legal_basis "
        "repealed_legal_basis impossible_deadline deadline_without_period reminder_too_early "
        "assent_after_childhood day_off_and_worked empty_range unknown_refusal no_version_to_compare",
    ),
    (
        Text("Quy tắc phát hành", "Rules of release"),
        " ".join(refusals.RELEASE_CODES),
    ),
)
