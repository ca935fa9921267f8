"""Devices: the list, a program's token, a tablet's one-time link with its QR, revocation."""

import base64
import io

import qrcode
import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core import clock
from core.access import Role, current_actor, requires
from core.accounts import actions
from core.accounts.devices.forms import NewDeviceForm
from core.accounts.models import Device, DeviceKind
from core.accounts.words import DEVICE_KIND
from core.db import db
from core.errors import RuleError
from core.forms import ReasonForm
from core.show import paginate
from core.sites.models import Site

bp = Blueprint("devices", __name__, url_prefix="/office/devices")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@bp.get("")
@requires(Role.ADMIN)
def index() -> str:
    """All tablets and programs."""
    page = paginate(
        sa.select(Device).order_by(Device.revoked_at.is_not(None), Device.site_id, Device.id)
    )
    return render_template("office/devices.html", page=page, kinds=DEVICE_KIND, now=clock.now())


@bp.route("/new", methods=["GET", "POST"])
@requires(Role.ADMIN)
def add() -> str | tuple[str, int]:
    """A new device; answers with its token or link, shown this once."""
    sites = db.session.scalars(
        sa.select(Site).where(Site.is_active).order_by(Site.kind, Site.id)
    ).all()
    form = NewDeviceForm(list(sites))
    if not form.validate_on_submit():
        return render_template(
            "office/device_new.html", form=form
        ), 422 if form.is_submitted() else 200
    device, secret = actions.add_device(
        form.name.data or "", form.site_id.data, form.kind.data, by=current_actor(), now=clock.now()
    )
    return _secret_page(device, secret)


def _secret_page(device: Device, secret: str) -> str:
    link = qr = None
    if device.kind == DeviceKind.TABLET:
        link = url_for("accounts.enrol", secret=secret, _external=True)
        qr = _qr_image(link)
    return render_template(
        "office/device_secret.html", device=device, secret=secret, link=link, qr=qr,
        is_loopback=request.host.rsplit(":", 1)[0].strip("[]") in LOOPBACK,
    )  # fmt: skip


def _qr_image(text: str) -> str:
    """A QR code as the address of an image that no request is needed for."""
    file = io.BytesIO()
    qrcode.make(text, box_size=6, border=4).save(file)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


@bp.get("/<int:device_id>")
@requires(Role.ADMIN)
def show(device_id: int) -> str:
    """One device."""
    return render_template(
        "office/device.html", device=db.get_or_404(Device, device_id), kinds=DEVICE_KIND,
        form=ReasonForm(formdata=None), now=clock.now(),
    )  # fmt: skip


@bp.post("/<int:device_id>/link")
@requires(Role.ADMIN)
def renew_link(device_id: int) -> str:
    """A new one-time link for a tablet, shown this once."""
    device = db.get_or_404(Device, device_id)
    return _secret_page(
        device, actions.renew_enrolment(device, by=current_actor(), now=clock.now())
    )


@bp.post("/<int:device_id>/revocation")
@requires(Role.ADMIN)
def revoke(device_id: int) -> Response:
    """End a lost or retired device, with a reason."""
    device, form = db.get_or_404(Device, device_id), ReasonForm()
    if not form.validate():
        raise RuleError("reason_needed")
    actions.revoke_device(device, form.reason.data or "", by=current_actor(), now=clock.now())
    flash(_("“%(name)s” is ended: it is signed out from now on.", name=device.name), "success")
    return redirect(url_for("devices.show", device_id=device.id))
