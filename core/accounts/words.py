"""What roles and kinds of devices are called on the screen."""

from flask_babel import lazy_gettext as _l

from core.access import Role
from core.accounts.models import DeviceKind

ROLE = {
    Role.ADMIN: _l("Administrator"),
    Role.CLERK: _l("Office clerk"),
    Role.REVIEWER: _l("Office reviewer"),
    Role.AUDITOR: _l("Auditor"),
    Role.MANAGER: _l("Canteen manager"),
    Role.COUNTER: _l("Counter staff"),
    Role.COURIER: _l("Courier"),
    Role.GRID_WORKER: _l("Grid worker"),
    Role.TRAINER: _l("Trainer"),
    Role.COORDINATOR: _l("Job coordinator"),
}
DEVICE_KIND = {
    DeviceKind.TABLET: _l("Tablet or PC at a counter"),
    DeviceKind.PROGRAM: _l("Program (bearer token)"),
}
