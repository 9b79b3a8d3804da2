"""Keeping the hub: readiness, numbers, logs, verification, backup. Above the river, below the doors."""
