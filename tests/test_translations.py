"""Every sentence of the screen has its Chinese, with the same placeholders."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
PLACEHOLDER = re.compile(r"%\((\w+)\)s|%[sd]")


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """All msgids of the source as it stands."""
    template = tmp_path_factory.mktemp("babel") / "messages.pot"
    command = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract"]
    command += ["-F", "translations/babel.cfg", "-k", "_l", "-o", str(template), "."]
    subprocess.run(command, cwd=ROOT, check=True)
    with template.open("rb") as file:
        return read_po(file)


@pytest.fixture(scope="module")
def chinese() -> Catalog:
    """The Chinese catalogue."""
    with (ROOT / "translations/zh_Hans/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale="zh_Hans")


def test_every_msgid_is_translated_and_none_is_left_over(
    extracted: Catalog, chinese: Catalog
) -> None:
    wanted = {(message.id, message.context) for message in extracted if message.id}
    have = {(message.id, message.context) for message in chinese if message.id and message.string}
    assert sorted(map(str, wanted - have)) == []
    assert sorted(map(str, have - wanted)) == []


def test_translations_keep_their_placeholders(chinese: Catalog) -> None:
    for message in chinese:
        if message.id and isinstance(message.id, str):
            expected = sorted(PLACEHOLDER.findall(message.id))
            assert sorted(PLACEHOLDER.findall(str(message.string))) == expected, message.id


def test_chinese_sentences_have_chinese_punctuation(chinese: Catalog) -> None:
    half = re.compile("[\u4e00-\u9fff\u300d\uff09][,;:?!(]|[(\u4e00-\u9fff][)(][\u4e00-\u9fff]")
    sentences = [
        text
        for message in chinese
        if message.id
        for text in (message.string if isinstance(message.string, tuple) else (message.string,))
    ]
    assert [text for text in sentences if half.search(text)] == []


# English has one word for two things; a page that shares a msgid with another shares its Chinese.
MEANT = {
    "Row": "行", "Row of the tariff": "补贴标准", "Code": "代码", "Verification code": "核验码",
    "Number": "编号", "How many": "数量", "Left early": "早退", "Left after a short while": "短期离职",
    "Enrolment": "报名", "Enrolment for meals": "助餐登记", "Left": "左边", "Remaining": "余额",
    "Withdrawn": "退班", "Withdrawn before its first day": "未生效即撤销", "revoked": "已撤销",
    "No learner is registered yet": "还没有学员", "Nobody is registered yet": "还没有登记居民",
}  # fmt: skip


def test_words_with_two_meanings_have_a_msgid_for_each(chinese: Catalog) -> None:
    assert {word: chinese.get(word).string for word in MEANT} == MEANT
