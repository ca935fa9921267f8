"""An address as a QR symbol, for paper and screens."""

import qrcode

from core.people.cards.symbol import to_data_url, to_png


def symbol_of(address: str) -> str:
    """A QR code with its quiet zone, one pixel a module, as the address of an image; whoever shows it enlarges it."""
    qr = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
    qr.add_data(address)
    qr.make()
    return to_data_url(
        to_png(["".join("0" if dark else "1" for dark in row) for row in qr.get_matrix()])
    )
