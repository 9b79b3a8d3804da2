"""The outlet's desk: its channels as their feeds have them, what it made of them, its broadcasts, keys and addresses.

Every address carries the outlet's code; of an outlet at which somebody has no seat they may not know.
"""
