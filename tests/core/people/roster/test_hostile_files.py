"""Files that are no roster: each refused by name, within two seconds, without harm."""

import io
import os
import time
import zipfile

import pytest

from core.errors import RuleError, text_of
from core.people.roster.load import Limits, load_workbook
from core.people.roster.read import read_roster
from core.people.roster.values import Vocabulary
from tests.core.people.roster.invented import Book

GOOD = Book().sheet("花名册", [["姓名", "身份证号"], ["李楠", "13049919300504507X"]]).bytes()


def refused(content: bytes, **options) -> str:
    started = time.monotonic()
    with pytest.raises(RuleError) as caught:
        load_workbook(content, **options)
    assert time.monotonic() - started < 2
    assert text_of(caught.value) is not None
    return caught.value.code


def zipped(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return buffer.getvalue()


def rebuilt(**changed: bytes) -> bytes:
    """The good workbook with one of its parts exchanged."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(GOOD)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, changed.get(name.split("/")[-1], old.read(name)))
    return buffer.getvalue()


def test_the_good_one_is_read():
    assert load_workbook(GOOD)[0].text(1, 0) == "李楠"


@pytest.mark.parametrize("encoding", ["gbk", "utf-8", "utf-8-sig", "utf-16"])
def test_csv_in_the_encodings_of_offices(encoding):
    text = "姓名,身份证号,地址\r\n李楠,13049919300504507X,农林二社区9号楼\r\n" * 300
    assert refused(text.encode(encoding)) == "roster_csv"


def test_a_web_page_called_xls_is_text():
    assert refused("<html><table><tr><td>姓名</td></tr></table></html>".encode()) == "roster_csv"


@pytest.mark.parametrize("content", [b"%PDF-1.7\n%\xe2\xe3\n1 0 obj", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
                                     b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", os.urandom(5000)])  # fmt: skip
def test_other_kinds_of_files(content):
    assert refused(content) == "roster_not_spreadsheet"


def test_a_word_document_and_any_other_zip():
    assert refused(zipped(word__document_xml=b"<w/>")) == "roster_not_spreadsheet"


def test_empty_files():
    assert refused(b"") == "roster_empty"
    assert refused(b"  \n") == "roster_empty"


def test_an_old_xls():
    assert (
        refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "Workbook".encode("utf-16-le"))
        == "roster_old_xls"
    )


def test_a_workbook_with_a_password():
    import msoffcrypto
    from msoffcrypto.format.ooxml import OOXMLFile

    target = io.BytesIO()
    OOXMLFile(io.BytesIO(GOOD)).encrypt("geheim", target)
    assert msoffcrypto.OfficeFile(target).is_encrypted()
    assert refused(target.getvalue()) == "roster_encrypted"


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.95, 0.99])
def test_a_truncated_workbook(share):
    assert refused(GOOD[: int(len(GOOD) * share)]) == "roster_damaged"


def test_a_workbook_whose_sheet_is_broken():
    assert (
        refused(rebuilt(**{"sheet1.xml": b"<worksheet><sheetData><row r='1'><c r='A1'"}))
        == "roster_damaged"
    )


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    bomb = rebuilt(**{"sheet1.xml": b"<worksheet>" + b" " * 200_000_000})
    assert len(bomb) < 300_000
    assert refused(bomb) == "roster_too_large"


def test_a_zip_bomb_that_lies_about_its_size_meets_the_limits():
    bomb = bytearray(rebuilt(**{"sheet1.xml": b"<worksheet><sheetData>" + b"<row/>" * 30_000_000}))
    directory = zipfile.ZipFile(io.BytesIO(bytes(bomb)))
    info = next(m for m in directory.infolist() if m.filename.endswith("sheet1.xml"))
    size = info.file_size.to_bytes(4, "little")
    while (at := bomb.find(size)) >= 0:
        bomb[at : at + 4] = (1000).to_bytes(4, "little")
    code = refused(bytes(bomb), limits=Limits(cpu_s=1))
    assert code in ("roster_damaged", "roster_too_large", "roster_too_slow")


def test_an_xml_bomb_expands_to_nothing():
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    laughs = f'<!DOCTYPE x [<!ENTITY a0 "ha">{entities}]><sst><si><t>&a11;</t></si></sst>'.encode()
    started = time.monotonic()
    try:
        load_workbook(rebuilt(**{"sharedStrings.xml": laughs}))
    except RuleError as error:
        assert error.code in ("roster_damaged", "roster_too_large")
    assert time.monotonic() - started < 2


def test_a_cell_in_the_farthest_corner_does_not_take_the_memory():
    sheet = (b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
             b'<row r="1"><c r="A1" t="str"><v>x</v></c></row>'
             b'<row r="1048576"><c r="XFD1048576" t="str"><v>x</v></c></row></sheetData></worksheet>')  # fmt: skip
    assert refused(rebuilt(**{"sheet1.xml": sheet})) == "roster_too_large"


def test_a_file_that_is_too_large_is_not_even_opened():
    assert refused(b"PK\x03\x04" + b"\0" * (11 << 20)) == "roster_too_large"


def test_a_reader_that_hangs_is_ended():
    assert refused(GOOD, limits=Limits(timeout_s=0.001)) == "roster_too_slow"


def test_a_workbook_without_names_says_which_sheets_it_has():
    content = Book().sheet("甲", [["编号", "数量"], [1, 2]]).bytes()
    with pytest.raises(RuleError) as caught:
        read_roster(content, Vocabulary())
    assert (caught.value.code, caught.value.details["sheets"]) == ("roster_no_head", "「甲」")


def test_a_head_without_anybody_under_it():
    content = Book().sheet("甲", [["姓名", "身份证号"], ["合计", "0人"]]).bytes()
    with pytest.raises(RuleError) as caught:
        read_roster(content, Vocabulary())
    assert caught.value.code == "roster_no_rows"
