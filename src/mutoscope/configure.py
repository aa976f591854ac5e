"""The settings that count, from everywhere they may be given, each with its origin.

::

    settings, origins = load()                  # defaults, mutoscope.toml in the data folder, environment
    origins["server.port"]                      # "default", a file, "MUTOSCOPE_SERVER_PORT", "--port"
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from mutoscope.config import EngineAccount, Settings
from mutoscope.errors import BadInput

FILE = "mutoscope.toml"  # in the data folder
PREFIX = "MUTOSCOPE_"
DEFAULT = "default"
#: Variables that the command line knows by a shorter name, too.
SHORT = {"MUTOSCOPE_COMPAT": "server.compat"}

Origins = dict[str, str]


class BadSetting(BadInput):
    """A setting is unknown, or has a value that it cannot have."""

    code = "bad_setting"


def load(
    config: Path | None = None,
    *,
    given: Mapping[str, object] | None = None,
    environ: Mapping[str, str] | None = None,
) -> tuple[Settings, Origins]:
    """The settings → and where each came from, by its name ("fetch.allow_private").

    `config`: a TOML file; without it, `mutoscope.toml` in the data folder where that is there. `given`:
    what the command line named, by setting; None is not named. `BadSetting` is one sentence with the
    file and key.
    """
    environ = os.environ if environ is None else environ
    found: dict[str, tuple[object, str]] = {}
    line = {name: value for name, value in (given or {}).items() if value is not None}
    named = [_checked(name, value, _option(name), _option(name)) for name, value in line.items()]
    around = list(_environment(environ))
    for name, value, origin in [*around, *named]:
        found[name] = (value, origin)
    data = _folder(found.get("server.data"))
    path = config
    if config is None and (data / FILE).is_file():
        path = data / FILE
    if path is not None:
        for name, value, origin in _file(path):
            if name == "server.data" and config is None:
                raise BadSetting(f"{path}: server.data cannot be set in a file that is in the data folder; "
                                 "give it by --data or MUTOSCOPE_SERVER_DATA")  # fmt: skip
            found.setdefault(name, (value, origin))
    found["server.data"] = (
        _folder(found.get("server.data")),
        found.get("server.data", ("", DEFAULT))[1],
    )
    return _settings(found), _origins(found)


def rows(settings: Settings, origins: Origins) -> Iterator[tuple[str, object, str]]:
    """(setting, value, origin) of every setting, in their order."""
    for section, kind in _hints(Settings).items():
        values = getattr(settings, section)
        if section == "engines":
            for name, account in values.items():
                for key in EngineAccount.__struct_fields__:
                    full = f"engines.{name}.{key}"
                    yield full, getattr(account, key), origins.get(full, DEFAULT)
            continue
        for key in kind.__struct_fields__:
            full = f"{section}.{key}"
            yield full, getattr(values, key), origins.get(full, DEFAULT)


def shown(name: str, value: object) -> object:
    """The value as it may be seen: without keys and passwords."""
    if name.endswith(".api_key") and value:
        return "(hidden)"
    if name == "server.database" and isinstance(value, str) and "@" in value:
        head, _, rest = value.rpartition("@")
        scheme, _, login = head.partition("://")
        user, colon, _ = login.partition(":")
        return f"{scheme}://{user}{':(hidden)' if colon else ''}@{rest}"
    return str(value) if isinstance(value, Path) else value


def data_folder() -> Path:
    """The user's own data folder."""
    from platformdirs import user_data_path

    return user_data_path("mutoscope")


# where they come from


def _file(path: Path) -> Iterator[tuple[str, object, str]]:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadSetting(f"the settings file {path} is not there") from None
    except OSError as error:
        raise BadSetting(f"the settings file {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadSetting(f"the settings file {path} is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise BadSetting(f"the settings file {path} is not valid TOML: {error}") from None
    for section, values in raw.items():
        if section not in Settings.__struct_fields__:
            raise _unknown(section, Settings.__struct_fields__, str(path), "[{}]")
        if not isinstance(values, dict):
            raise BadSetting(f"{path}: {section} must be a section: [{section}]")
        if section == "engines":
            for name, account in values.items():
                if not isinstance(account, dict):
                    raise BadSetting(f"{path}: engines.{name} must be a section: [engines.{name}]")
                for key, value in account.items():
                    yield _checked(f"engines.{name}.{key}", value, str(path), str(path))
            continue
        for key, value in values.items():
            yield _checked(f"{section}.{key}", value, str(path), str(path))


def _environment(environ: Mapping[str, str]) -> Iterator[tuple[str, object, str]]:
    """MUTOSCOPE_SECTION_KEY, and MUTOSCOPE_ENGINES_NAME_KEY for an engine that is in the file."""
    for variable, name in SHORT.items():
        if environ.get(variable):
            yield _checked(name, environ[variable], variable, variable)
    for variable in sorted(environ):
        if not variable.startswith(PREFIX):
            continue
        section, _, key = variable.removeprefix(PREFIX).lower().partition("_")
        if section not in Settings.__struct_fields__ or not key:
            continue  # other variables have this beginning, too: MUTOSCOPE_CACHE, MUTOSCOPE_WEIGHTS
        name = f"{section}.{key}"
        if section == "engines":
            name = _engine(key, variable)
        yield _checked(name, _parsed(name, environ[variable], variable), variable, variable)


def _engine(key: str, variable: str) -> str:
    for field in sorted(EngineAccount.__struct_fields__, key=len, reverse=True):
        if key.endswith(f"_{field}"):
            return f"engines.{key.removesuffix(f'_{field}').replace('_', '-')}.{field}"
    fields = ", ".join(name.upper() for name in EngineAccount.__struct_fields__)
    raise BadSetting(f"{variable} is no setting; after the engine's name comes one of {fields}")


def _parsed(name: str, text: str, variable: str) -> object:
    """Text of the environment as the setting's kind of value; what cannot be stays text."""
    kind = _kind(name, variable)
    origin = get_origin(kind)
    if origin is tuple:
        return [part.strip() for part in text.split(",") if part.strip()]
    if origin is dict:
        pairs = (part.partition("=") for part in text.split(",") if part.strip())
        return {key.strip(): value.strip() for key, _, value in pairs}
    if kind is bool:
        return {"1": True, "true": True, "yes": True, "on": True,
                "0": False, "false": False, "no": False, "off": False}.get(text.strip().lower(), text)  # fmt: skip
    for number in (int, float):
        if kind is number:
            try:
                return number(text)
            except ValueError:
                return text
    return text


# what they may be


def _checked(name: str, value: object, where: str, origin: str) -> tuple[str, object, str]:
    kind = _kind(name, where)
    if kind is Path and isinstance(value, str):
        return name, Path(value).expanduser(), origin
    if kind is Path and isinstance(value, Path):
        return name, value, origin
    try:
        converted = msgspec.convert(value, _annotated(name))
    except msgspec.ValidationError as error:
        said = repr(shown(name, value))
        raise BadSetting(
            f"{where}: {name} is {said[:80]}; it must be {_allowed(kind, str(error))}", field=name
        ) from None
    if name == "server.public_url" and converted:
        text = str(converted)
        if not text.startswith(("http://", "https://")):
            raise BadSetting(
                f"{where}: {name} is {text[:80]!r}; it must begin with http:// or https://"
            )
    return name, converted, origin


def _annotated(name: str) -> Any:
    section, _, key = name.partition(".")
    if section == "engines":
        return _hints(EngineAccount, extras=True)[name.rpartition(".")[2]]
    return _hints(_hints(Settings)[section], extras=True)[key]


def _kind(name: str, where: str) -> Any:
    """The setting's type; BadSetting with the nearest name where there is no such setting."""
    section, _, key = name.partition(".")
    sections = _hints(Settings)
    if section not in sections:
        raise _unknown(section, sections, where, "{}")
    kind = EngineAccount if section == "engines" else sections[section]
    last = name.rpartition(".")[2] if section == "engines" else key
    fields = _hints(kind)
    if last not in fields:
        prefix = name.removesuffix(last)
        raise _unknown(last, fields, where, prefix + "{}")
    return fields[last]


def _unknown(
    name: str, known: Mapping[str, Any] | tuple[str, ...], where: str, form: str
) -> BadSetting:
    near = difflib.get_close_matches(name, known, 1, 0.5)
    hint = f"; is {form.format(near[0])} meant?" if near else ""
    if not hint:
        hint = f"; there are {', '.join(known)}"
    return BadSetting(f"{where}: there is no setting {form.format(name)}{hint}")


_WORDS = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "text",
    Path: "a path",
}


def _allowed(kind: Any, error: str) -> str:
    origin = get_origin(kind)
    if origin is Literal:
        return "one of " + ", ".join(get_args(kind))
    if origin is tuple:
        return 'a list of texts: ["…", "…"]'
    if origin is dict:
        return 'a table of texts: {name = "…"}'
    if origin in (Union, UnionType):
        return " or ".join(_allowed(one, error) for one in get_args(kind))
    for sign, word in ((">= ", "at least "), ("<= ", "at most "), ("> ", "above ")):
        _, found, bound = error.partition(sign)
        if found:
            return f"{_WORDS.get(kind, 'a value')} of {word}{bound.split()[0]}"
    return _WORDS.get(kind, "something else")


def _option(name: str) -> str:
    return "--" + name.partition(".")[2].replace("_", "-")


def _hints(kind: Any, *, extras: bool = False) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=extras)


# put together


def _folder(found: tuple[object, str] | None) -> Path:
    value = found[0] if found else Path()
    assert isinstance(value, Path)
    return value if value != Path() else data_folder()


def _settings(found: Mapping[str, tuple[object, str]]) -> Settings:
    sections: dict[str, dict[str, Any]] = {}
    engines: dict[str, dict[str, Any]] = {}
    for name, (value, origin) in found.items():
        section, _, key = name.partition(".")
        if section == "engines":
            engine, _, field = key.rpartition(".")
            engines.setdefault(engine, {})[field] = value
            if "kind" not in engines[engine] and f"engines.{engine}.kind" not in found:
                raise BadSetting(f"{origin}: engines.{engine} has no kind; say which engine it is, such as "
                                 'kind = "openai_videos"')  # fmt: skip
        else:
            sections.setdefault(section, {})[key] = value
    hints = _hints(Settings)
    made: dict[str, Any] = {
        section: hints[section](**values) for section, values in sections.items()
    }
    accounts = {name: EngineAccount(**values) for name, values in engines.items()}
    return Settings(**made, engines=accounts)


def _origins(found: Mapping[str, tuple[object, str]]) -> Origins:
    return {name: origin for name, (_, origin) in found.items()}
