"""Write Dialogo plugins in Python.

A plugin's main module, `src/plugin.py`, has one class per hook, named as the hook is in the contract:

    from dialogo_plugin import Hook, explain
    from wit_world.exports.message_policy import Verdict_Allow, Verdict_Deny

    class MessagePolicy(Hook):
        def check(self, context, conversation, message):
            if "!" in message.text:
                return Verdict_Deny(explain("shouting", "no need to shout"))
            return Verdict_Allow()

`wit_world` is made from the contract for the hooks and permissions of the plugin (`dialogo plugin build` leaves it in
`target/python` for your editor). Services of the host are imported from it: `from wit_world.imports import patterns`.
There is no clock, no randomness, no network and no file: what a call may know comes in its arguments.
"""

import functools
import json
import traceback

from componentize_py_types import Err
from wit_world.imports import log as _log
from wit_world.imports import settings as _settings
from wit_world.imports.types import (
    Explanation,
    FactValue_Flag,
    FactValue_Number,
    FactValue_Text,
    FactValue_Texts,
    PluginError_Misconfigured,
    PluginError_NotApplicable,
    PluginError_Unavailable,
)


class Hook:
    """What the classes of hooks inherit: a defect is told to the host, with its place, before the sandbox ends."""

    def __init_subclass__(cls):
        for name, call in list(vars(cls).items()):
            if callable(call) and not name.startswith("_"):
                setattr(cls, name, _reporting(call))


def _reporting(call):
    @functools.wraps(call)
    def wrapped(*given):
        try:
            return call(*given)
        except Err:
            raise
        except Exception as fault:
            place = traceback.extract_tb(fault.__traceback__)[-1]
            _log.panicked(f"{type(fault).__name__}: {fault}", f"{place.filename}:{place.lineno}")
            raise

    return wrapped


def explain(code, detail, evidence=()):
    """Why a plugin says what it says.

    `code` stays the same for ever, for programs (`"too-large"`); `detail` is a sentence for people; `evidence` holds the
    words, emojis or values that led to it.
    """
    return Explanation(code, detail, list(evidence))


def not_applicable():
    """To raise when the plugin has no opinion."""
    return Err(PluginError_NotApplicable())


def misconfigured(what):
    """To raise when settings or catalogue do not fit."""
    return Err(PluginError_Misconfigured(what))


def unavailable(what):
    """To raise when there may be an answer later."""
    return Err(PluginError_Unavailable(what))


def settings(build=lambda given: given):
    """A function that gives what `build` makes of the settings; made at the first use, kept as long as the instance lives.

    The settings already fit the package's schema.

        rules = settings(lambda given: [Rule(**one) for one in given.get("rule", [])])
        rules()
    """
    return functools.cache(lambda: build(json.loads(_settings.json())))


class log:
    """Lines for the operator's log; the host adds plugin, version and call id, and keeps at most 64 lines of a call."""

    @staticmethod
    def debug(message, **fields):
        """For the plugin's author: seen only when the operator asks for it."""
        _write(_log.Level.DEBUG, message, fields)

    @staticmethod
    def info(message, **fields):
        """Something an operator may want to know."""
        _write(_log.Level.INFO, message, fields)

    @staticmethod
    def warn(message, **fields):
        """Something an operator should look at."""
        _write(_log.Level.WARN, message, fields)

    @staticmethod
    def error(message, **fields):
        """Something is broken."""
        _write(_log.Level.ERROR, message, fields)


def _write(level, message, fields):
    _log.write(level, message, [(key, str(value)) for key, value in fields.items()])


def flag(of, key):
    """The value of a fact that is true or false; `None` when it is not known."""
    return _fact(of, key, FactValue_Flag)


def number(of, key):
    """The value of a fact that is a number."""
    return _fact(of, key, FactValue_Number)


def text(of, key):
    """The value of a fact that is a text."""
    return _fact(of, key, FactValue_Text)


def texts(of, key):
    """The value of a fact that is a list of texts."""
    return _fact(of, key, FactValue_Texts)


def _fact(of, key, kind):
    for fact in of.facts:
        if fact.key == key and isinstance(fact.value, kind):
            return fact.value.value
    return None


def bytes_before(whole, index):
    """Where a place in a Python text stands in bytes, as the contract counts."""
    return len(whole[:index].encode())


def slice_bytes(whole, start, end):
    """The part of a text between two places in bytes, as `patterns` gives them."""
    return whole.encode()[start:end].decode()
