"""What a user is told instead of a stack trace."""

from __future__ import annotations


class Problem(Exception):
    """A mistake that its message explains, in whole sentences."""
