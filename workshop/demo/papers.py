"""Papers of the demo: drawn here, each marked as an example, attached to sessions and placements."""

import io
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from core.config import ROOT
from core.evidence.cleaning import Cleaned

_FONT = Path(ROOT) / "static/fonts/NotoSansSC_400Regular.ttf"
_WIDTH, _HEIGHT = 480, 680


@cache
def paper(title: str) -> Cleaned:
    """A sheet that says what it would be, and that it is none: made once for all that it is attached to."""
    image = Image.new("L", (_WIDTH, _HEIGHT), 252)
    draw = ImageDraw.Draw(image)
    large, small = (ImageFont.truetype(str(_FONT), size) for size in (34, 18))
    draw.rectangle((16, 16, _WIDTH - 16, _HEIGHT - 16), outline=120, width=2)
    draw.text((_WIDTH // 2, 90), title, font=large, fill=20, anchor="mm")
    draw.text((_WIDTH // 2, 140), "示例材料，不是真实证件", font=small, fill=90, anchor="mm")
    for line in range(8):
        draw.line((60, 220 + 48 * line, _WIDTH - 60, 220 + 48 * line), fill=200, width=1)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=60)
    return Cleaned(file.getvalue(), "image/jpeg", 1)
