"""What a page of HTML may reach on its way to paper, and what the fonts can print."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pypdfium2
import pytest

from core.reports import pdf


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "file:///static/app.css",
        "https://example.com/a.png",
        "http://127.0.0.1:5000/static/app.css",
        "http://packaged.invalid.example/static/app.css",
        "http://packaged.invalid:80/static/app.css",
        "http://user@packaged.invalid/static/app.css",
        "https://packaged.invalid/static/app.css",
        "ftp://packaged.invalid/static/app.css",
        "http://packaged.invalid/static/../pyproject.toml",
        "http://packaged.invalid/static/%2e%2e/pyproject.toml",
        "http://packaged.invalid/static/..%2f..%2fetc/passwd.css",
        "http://packaged.invalid/static//etc/passwd.css",
        "http://packaged.invalid/static/fonts\\..\\..\\a.css",
        "http://packaged.invalid/static/a.css%00.png",
        "http://packaged.invalid/instance/zhuhe.db",
        "http://packaged.invalid/static/NotoSansSC-OFL.txt",
        "/static/app.css",
    ],
)
def test_only_packaged_files_have_an_address(url: str) -> None:
    with pytest.raises(pdf.AssetRefused):
        pdf.packaged_file(url)


def test_a_link_that_leads_out_of_the_folder_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret.css").write_text("p {}")
    static = tmp_path / "static"
    static.mkdir()
    (static / "link.css").symlink_to(tmp_path / "secret.css")
    monkeypatch.setattr(pdf, "STATIC", static)
    with pytest.raises(pdf.AssetRefused):
        pdf.packaged_file("http://packaged.invalid/static/link.css")


def test_a_packaged_file_is_found_with_a_version_behind_it() -> None:
    found = pdf.packaged_file("http://packaged.invalid/static/fonts/NotoSansSC_400Regular.ttf?v=1")
    assert found == pdf.FONTS / "NotoSansSC_400Regular.ttf"


class _Server(HTTPServer):
    paths: list[str]


@pytest.fixture
def web_server() -> Iterator[_Server]:
    """Somebody else's server on this machine, which notes every request."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.paths.append(self.path)
            self.send_response(302)
            self.send_header("Location", "file:///etc/passwd")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = _Server(("127.0.0.1", 0), Handler)
    server.paths = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_page_reaches_neither_the_network_nor_the_disk(
    web_server: _Server, tmp_path: Path
) -> None:
    canary = "canary-5f2c"
    secret = tmp_path / "secret.txt"
    secret.write_text(canary)
    (tmp_path / "style.css").write_text(f'p::after {{ content: "{canary}" }}')
    drawing = tmp_path / "drawing.svg"
    drawing.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="99" height="9"><text y="9">{canary}</text></svg>'
    )
    web, disk = f"http://127.0.0.1:{web_server.server_port}", tmp_path.as_uri()
    inner = f"<svg xmlns='http://www.w3.org/2000/svg'><image href='{disk}/drawing.svg' width='9' height='9'/></svg>"
    html = f"""<html><head>
        <link rel=stylesheet href="{disk}/style.css"><link rel=stylesheet href="{web}/style.css">
        <link rel=attachment href="{secret.as_uri()}"><base href="{disk}/">
        <style>@import url({web}/i.css); @import url({disk}/style.css);
        @font-face {{ font-family: x; src: url({web}/f.ttf), url({disk}/f.ttf) }}
        p {{ background: url({web}/b.png); list-style-image: url({disk}/drawing.svg); font-family: x }}</style>
        </head><body><p>text</p>
        <img src="{web}/a.png"><img src="{disk}/drawing.svg"><img src="drawing.svg">
        <img src="data:image/svg+xml,{inner.replace("<", "%3C").replace(">", "%3E")}">
        <object data="{disk}/drawing.svg"></object><embed src="{web}/e.svg">
        <a rel=attachment href="{secret.as_uri()}">a</a>
        </body></html>"""
    document = pypdfium2.PdfDocument(pdf.to_pdf(html))
    text = "".join(page.get_textpage().get_text_range() for page in document)
    assert "text" in text
    assert canary not in text
    assert document.count_attachments() == 0
    assert web_server.paths == []
    document.close()


def test_a_missing_packaged_file_is_an_error_and_no_silent_gap() -> None:
    with pytest.raises(FileNotFoundError):
        pdf.to_pdf('<link rel="stylesheet" href="/static/no-such-style.css"><p>text')


@pytest.mark.parametrize("font", sorted(path.name for path in pdf.FONTS.glob("*.ttf")))
def test_each_font_has_every_everyday_character(font: str) -> None:
    pairs = (bytes([row, cell]) for row in range(0xA1, 0xFF) for cell in range(0xA1, 0xFF))
    everyday = {text for text in (pair.decode("gb2312", "ignore") for pair in pairs) if text}
    assert len(everyday) == 7445
    assert {c for c in everyday if ord(c) not in pdf._covered(font)} == set()


def test_rare_characters_are_told_apart_from_missing_ones() -> None:
    assert pdf.missing_glyphs("王䶮 㛃𬭎龘堃·") == []
    assert pdf.missing_glyphs("𠮷田𠮷\U0003ffff") == ["𠮷", "\U0003ffff"]
    assert pdf.unprintable_names(["王秀英", "𠮷田花"]) == ["𠮷田花"]


def test_the_packaged_fonts_are_embedded_and_small() -> None:
    style = '<link rel="stylesheet" href="/static/print.css">'
    made = pdf.to_pdf(f"<html lang=zh-Hans>{style}<p>渚河为民服务台<b>报表</b>")
    assert len(made) < 60_000
    document = pypdfium2.PdfDocument(made)
    assert "渚河为民服务台报表" in document[0].get_textpage().get_text_range().replace("\r\n", "")
    document.close()
