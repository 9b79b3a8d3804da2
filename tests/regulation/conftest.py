"""The province of `scenes.py` for every test of the regulation."""

from tests.regulation.scenes import scene

__all__ = ["scene"]
