from __future__ import annotations

import io
from contextlib import redirect_stdout
from pathlib import Path

import msgspec
import pytest

from mutoscope.cli.config import config, toml
from mutoscope.config import EngineAccount, Settings
from mutoscope.configure import FILE, BadSetting, data_folder, load, rows, shown


def written(folder: Path, text: str, name: str = FILE) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_without_anything_every_setting_is_its_default() -> None:
    settings, origins = load(environ={})
    assert settings.server.data == data_folder()
    assert set(origins.values()) == {"default"}
    expected = msgspec.structs.replace(Settings().server, data=data_folder())
    assert settings == msgspec.structs.replace(Settings(), server=expected)


def test_the_command_line_goes_before_the_environment_before_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, '[server]\nport = 1\nhost = "::1"\nlog = "json"\n')
    environ = {"MUTOSCOPE_SERVER_PORT": "2", "MUTOSCOPE_SERVER_HOST": "localhost"}
    settings, origins = load(given={"server.data": tmp_path, "server.port": 3}, environ=environ)
    assert (settings.server.port, origins["server.port"]) == (3, "--port")
    assert (settings.server.host, origins["server.host"]) == ("localhost", "MUTOSCOPE_SERVER_HOST")
    assert (settings.server.log, origins["server.log"]) == ("json", str(path))


def test_what_the_environment_holds_as_text_becomes_its_kind() -> None:
    environ = {
        "MUTOSCOPE_FETCH_ALLOW_PRIVATE": "yes",
        "MUTOSCOPE_JOBS_LEASE": "2.5",
        "MUTOSCOPE_SERVER_ALLOWED_HOSTS": "a.example, b.example",
        "MUTOSCOPE_ROUTES_MODELS": "sora-2=relay,sora-2-pro=gpu",
        "MUTOSCOPE_SERVER_DATA": "~/films",
        "MUTOSCOPE_CACHE": "off",  # no setting of a server
    }
    settings, _ = load(environ=environ)
    assert settings.fetch.allow_private
    assert settings.jobs.lease == 2.5
    assert settings.server.allowed_hosts == ("a.example", "b.example")
    assert settings.routes.models == {"sora-2": "relay", "sora-2-pro": "gpu"}
    assert settings.server.data == Path.home() / "films"


def test_engines_come_from_the_file_and_their_keys_from_the_environment(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        '[engines.my-relay]\nkind = "openai_videos"\nbase_url = "https://relay.example/v1"\n'
        '[engines.my-relay.models]\n"sora-2" = "sora-2-hd"\n',
        "x.toml",
    )
    settings, origins = load(path, environ={"MUTOSCOPE_ENGINES_MY_RELAY_API_KEY": "k"})
    assert settings.engines == {
        "my-relay": EngineAccount(
            kind="openai_videos",
            base_url="https://relay.example/v1",
            api_key="k",
            models={"sora-2": "sora-2-hd"},
        )
    }
    assert origins["engines.my-relay.api_key"] == "MUTOSCOPE_ENGINES_MY_RELAY_API_KEY"


WRONG = {
    "[sever]\nport = 1": "there is no setting [sever]; is [server] meant?",
    "[server]\nprot = 1": "there is no setting server.prot; is server.port meant?",
    "[server]\nxyzzy = 1": "there is no setting server.xyzzy; there are host, port",
    'port = 1\n[server]\nhost = "x"': "there is no setting [port]",
    "server = 1": "server must be a section: [server]",
    '[server]\nport = "80"': "server.port is '80'; it must be a whole number",
    "[server]\nport = 70000": "server.port is 70000; it must be a whole number of at most 65535",
    "[limits]\njson_bytes = 0": "limits.json_bytes is 0; it must be a whole number of at least 1",
    "[jobs]\nlease = nan": "jobs.lease is nan",
    "[jobs]\nlease = inf": "jobs.lease is inf",
    "[jobs]\nlease = -1": "jobs.lease is -1; it must be a number of above 0",
    '[server]\nlog = "xml"': "server.log is 'xml'; it must be one of json, text",
    '[fetch]\nallow_private = "maybe"': "fetch.allow_private is 'maybe'; it must be true or false",
    '[server]\nallowed_hosts = "a"': 'server.allowed_hosts is \'a\'; it must be a list of texts: ["…", "…"]',
    '[routes]\nmodels = ["a"]': "routes.models is ['a']; it must be a table of texts",
    '[server]\npublic_url = "films.example"': "must begin with http:// or https://",
    "[engines]\nrelay = 1": "engines.relay must be a section: [engines.relay]",
    '[engines.relay]\nbase_url = "x"': "engines.relay has no kind",
    '[engines.relay]\nkind = "a"\nbaseurl = "x"': "is engines.relay.base_url meant?",
    "[server\n": "is not valid TOML",
    '[server]\ndata = "x"': "server.data cannot be set in a file that is in the data folder",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_one_sentence_with_the_file_and_the_key(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(BadSetting) as raised:
        load(given={"server.data": tmp_path}, environ={})
    assert WRONG[text] in raised.value.message
    assert str(path) in raised.value.message
    assert "\n" not in raised.value.message.replace("[server\n", "")


def test_a_wrong_variable_is_named() -> None:
    with pytest.raises(BadSetting, match=r"MUTOSCOPE_SERVER_PROT: .* is server\.port meant"):
        load(environ={"MUTOSCOPE_SERVER_PROT": "1"})
    with pytest.raises(BadSetting, match=r"MUTOSCOPE_SERVER_PORT: server\.port is 'x'"):
        load(environ={"MUTOSCOPE_SERVER_PORT": "x"})


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="is not there"):
        load(tmp_path / "none.toml", environ={})
    with pytest.raises(BadSetting, match="cannot be read"):
        load(tmp_path, environ={})
    (tmp_path / "x.toml").write_bytes(b"\xff")
    with pytest.raises(BadSetting, match="not UTF-8"):
        load(tmp_path / "x.toml", environ={})


def test_secrets_are_not_shown() -> None:
    assert shown("engines.relay.api_key", "sk-secret") == "(hidden)"
    assert shown("engines.relay.api_key_env", "RELAY_KEY") == "RELAY_KEY"
    url = "postgresql://user:pass@db.example/films"
    assert shown("server.database", url) == "postgresql://user:(hidden)@db.example/films"
    assert shown("server.database", "postgresql://user@db/x") == "postgresql://user@db/x"


def test_the_settings_as_toml_say_the_same_again(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        '[engines."my relay"]\nkind = "openai_videos"\n[server]\nallowed_hosts = ["ä", "b"]\n'
        '[routes]\nmodels = {"sora-2" = "my relay"}\n',
        "first.toml",
    )
    settings, origins = load(path, environ={})
    again = written(
        tmp_path, toml([(n, shown(n, v), o) for n, v, o in rows(settings, origins)]), "second.toml"
    )
    assert load(again, environ={})[0] == settings


def test_the_command_shows_every_setting_at_80_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("MUTOSCOPE_JOBS_LEASE", "7.5")
    out = io.StringIO()
    with redirect_stdout(out):
        config(data=tmp_path)
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    names = [line.split()[0] for line in lines if line[:1].strip()]
    settings, origins = load(environ={})
    assert set(names) >= {name for name, _, _ in rows(settings, origins)}
    assert "7.5" in next(line for line in lines if line.startswith("jobs.lease "))
    out = io.StringIO()
    with redirect_stdout(out):
        config(data=tmp_path, as_json=True)
    values = msgspec.json.decode(out.getvalue())
    assert values["jobs.lease"] == {"value": 7.5, "origin": "MUTOSCOPE_JOBS_LEASE"}
    assert values["server.data"] == {"value": str(tmp_path), "origin": "--data"}


def test_compat_has_its_short_name_in_the_environment(tmp_path: Path) -> None:
    place = {"server.data": tmp_path}
    settings, origins = load(given=place, environ={"MUTOSCOPE_COMPAT": "strict"})
    assert (settings.server.compat, origins["server.compat"]) == ("strict", "MUTOSCOPE_COMPAT")
    both = {"MUTOSCOPE_COMPAT": "strict", "MUTOSCOPE_SERVER_COMPAT": "lenient"}
    assert load(given=place, environ=both)[0].server.compat == "lenient"
    with pytest.raises(BadSetting, match="MUTOSCOPE_COMPAT"):
        load(given=place, environ={"MUTOSCOPE_COMPAT": "severe"})
