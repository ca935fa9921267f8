"""Runs alone in a child process (core/limited.py): turns a photo into a small JPEG of its pixels alone.

Arguments: the most pixels to open, the longest side to keep. What a camera wrote beside the picture
(place, device, date, a preview of what was cut off) is not carried over. Exit codes: 3 cannot be
opened, 4 too many pixels, 5 out of memory.
"""

import io
import sys

CANNOT_OPEN, TOO_MANY, TOO_HARD = 3, 4, 5
QUALITY = 85


def main() -> int:
    from PIL import Image, ImageOps

    most_pixels, side = int(sys.argv[1]), int(sys.argv[2])
    Image.MAX_IMAGE_PIXELS = None  # our own limit, asked before anything is unpacked
    try:
        image: Image.Image = Image.open(
            io.BytesIO(sys.stdin.buffer.read()), formats=("JPEG", "PNG")
        )
        if image.width * image.height > most_pixels:
            return TOO_MANY
        if image.mode in ("1", "P", "PA"):
            image = image.convert("RGBA")  # a palette cannot be made smaller
        # A JPEG is unpacked at a fraction of its size.
        image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
        image = ImageOps.exif_transpose(image)
        if image.has_transparency_data:
            image = image.convert("RGBA")
            paper = Image.new("RGBA", image.size, "white")
            image = Image.alpha_composite(paper, image)
        clean = Image.new("RGB", image.size)
        clean.paste(image.convert("RGB"))
    except MemoryError:
        return TOO_HARD
    except Exception:  # whatever a broken file makes of its reader: it is no photo
        return CANNOT_OPEN
    written = io.BytesIO()
    clean.save(written, "JPEG", quality=QUALITY, optimize=True)
    sys.stdout.buffer.write(written.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(main())
