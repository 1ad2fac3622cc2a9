"""Passwords that are hashed in no time: some hundred tests sign somebody in, and hardly one tries to guess."""

from __future__ import annotations

from argon2 import PasswordHasher

from webapp.models import user

WANTED = "HASH_AS_IN_PRODUCTION"  # the environment variable that asks a process of a Product for it
AS_IN_PRODUCTION = user._hasher, user._nobody


def hash_quickly() -> None:
    user._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    user._nobody = user._hasher.hash("nobody's")


def hash_as_in_production() -> None:
    user._hasher, user._nobody = AS_IN_PRODUCTION
