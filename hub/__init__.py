"""The hub: an information-sharing regulation at work, from pushed story to every outlet's own feed."""

__version__ = "0.1.0"
