from tests.outlets.mergers import weekly

__all__ = ["weekly"]
