"""The demo's house and people, all invented. The programmes tell their own stories on top."""

from core.demo.house import tell_core

__all__ = ["tell_core"]
