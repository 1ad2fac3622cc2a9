"""Routes that cost little until an address is made of them."""

from __future__ import annotations

from collections.abc import Callable

from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]


class LazyRule(Rule):
    """Werkzeug compiles two functions for each route at once, most of the time in which an app is put together; most
    processes make addresses of few routes, and workers of none."""

    def _compile_builder(self, append_unknown: bool = True) -> Builder:
        compile_now = super()._compile_builder
        compiled: list[Builder] = []

        def build(rule: LazyRule, /, **values: object) -> tuple[str, str]:
            if not compiled:
                compiled.append(compile_now(append_unknown))
            return compiled[0](rule, **values)

        return build
