"""The files of deploy/ against the program: units, settings, proxies, alarms and containers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.world.deploy_files import is_understood, named, settings_in, web_commands
from tests.world.machines import DEPLOY, ROOT, LocalMachine, run
from web.route_list import listed
from web.running.metrics import Metrics
from web.running.settings import PREFIX, Settings

if TYPE_CHECKING:
    from pathlib import Path

UNITS = sorted(DEPLOY.glob("*.service"))
MOST_EXPOSED = 20
"""Of 100, by systemd's own measure; it calls up to 20 "OK", and an ordinary service has 96."""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> LocalMachine:
    """An installation, whose units name files that are there."""
    found = LocalMachine(tmp_path_factory.mktemp("machine"))
    done = found.install()
    assert done.returncode == 0, done.stderr
    return found


def test_systemd_reads_every_unit_without_a_word(machine) -> None:
    units = sorted((machine.root / "etc/systemd/system").iterdir())
    done = run("systemd-analyze", "verify", *units)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_wrong_unit_would_be_noticed(machine, tmp_path) -> None:
    text = (machine.root / "etc/systemd/system/lianxin.service").read_text()
    unit = tmp_path / "lianxin.service"
    unit.write_text(
        text.replace("ProtectHome=", "ProtectHomes=").replace("/python -m", "/pithon -m")
    )
    done = run("systemd-analyze", "verify", unit)
    assert "ProtectHomes" in done.stderr
    assert "pithon is not executable" in done.stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_every_service_is_shut_in(unit) -> None:
    threshold = f"--threshold={MOST_EXPOSED}"
    done = run("systemd-analyze", "security", "--offline=true", threshold, unit)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_every_service_runs_our_commands_with_the_one_file_of_settings(unit) -> None:
    text = unit.read_text()
    commands = web_commands(text)
    assert len(commands) == text.count("ExecStart")
    assert all(map(is_understood, commands)), commands
    assert named(r"EnvironmentFile=(.*)", text) == ["/etc/lianxin/lianxin.env"]
    assert named(r"\nEnvironment=", text) == []
    assert named(r"User=(.*)", text) == ["lianxin"]


def test_every_timer_has_its_service_and_every_job_its_timer() -> None:
    timers = {path.stem for path in DEPLOY.glob("*.timer")}
    assert timers == {path.stem for path in UNITS} - {"lianxin"}
    for name in timers:
        text = (DEPLOY / f"{name}.timer").read_text()
        [when] = named(r"OnCalendar=(.*)", text)
        assert run("systemd-analyze", "calendar", when).returncode == 0


def test_the_file_of_settings_names_settings_and_is_valid_as_it_is() -> None:
    text = (DEPLOY / "lianxin.env").read_text()
    assert set(settings_in(text)) <= set(Settings.model_fields)
    pairs = [line.partition("=") for line in text.splitlines() if line and line[0] != "#"]
    settings = Settings.from_environment({name: value for name, _, value in pairs})
    assert settings.data.as_posix() == "/var/lib/lianxin"
    assert settings.model_copy(update={"data": Settings().data}) == Settings()


# The proxies.


def proxied(path: Path) -> list[str]:
    """Where a Caddyfile sends what it does not answer itself."""
    text = re.sub(r"#.*", "", path.read_text())
    assert text.count("{") == text.count("}")
    return named(r"reverse_proxy (\S+)", text)


@pytest.mark.parametrize("name", ["Caddyfile", "Caddyfile.office"])
def test_the_proxy_leads_to_where_the_server_listens_and_keeps_figures_inside(name) -> None:
    default = Settings()
    assert proxied(DEPLOY / name) == [f"{default.host}:{default.port}"]
    text = (DEPLOY / name).read_text()
    assert "path /metrics" in text
    assert "respond @inside 404" in text
    assert any("/metrics" in str(route) for route in listed())


# Prometheus.


def test_alarms_name_figures_and_jobs_that_there_are() -> None:
    scraped = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())
    alarms = (DEPLOY / "alerts.yml").read_text()
    jobs = {job["job_name"] for job in scraped["scrape_configs"]}
    assert set(named(r'job="([^"]+)"', alarms)) <= jobs
    figures = bytes(Metrics().answer().body).decode()
    for name in named(r"\blianxin_\w+", alarms):
        assert name.removesuffix("_bucket") in figures, name
    rules = yaml.safe_load(alarms)["groups"][0]["rules"]
    assert all(rule["annotations"]["summary"] for rule in rules)
    targets = [
        t for job in scraped["scrape_configs"] for c in job["static_configs"] for t in c["targets"]
    ]
    assert f"127.0.0.1:{Settings().port}" in targets


# Containers. Nothing here runs one: what the files promise each other and the program is compared.

CONTAINER = (DEPLOY / "Containerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def test_the_image_is_made_of_what_there_is() -> None:
    for line in re.findall(r"^COPY (?!--from)(.+)$", CONTAINER, re.MULTILINE):
        *sources, _target = line.split()
        assert [each for each in sources if not (ROOT / each).exists()] == []
    assert set(settings_in(CONTAINER)) <= set(Settings.model_fields)
    assert all(map(is_understood, web_commands(CONTAINER)))
    assert len(web_commands(CONTAINER)) == 1
    assert "USER lianxin" in CONTAINER


def test_the_image_listens_where_it_says_and_asks_an_address_that_there_is() -> None:
    [port] = named(r"EXPOSE (\d+)", CONTAINER)
    assert int(port) == Settings().port
    assert f"LIANXIN_PORT={port}" in CONTAINER
    assert f"http://127.0.0.1:{port}/healthz" in CONTAINER
    assert any(" /healthz" in str(route) for route in listed())
    assert proxied(DEPLOY / "Caddyfile.container") == [f"app:{port}"]


def test_every_image_has_a_version_and_pg_dump_that_of_the_database() -> None:
    images = named(r"FROM (\S+)", CONTAINER)
    images += [each["image"] for each in COMPOSE["services"].values() if "build" not in each]
    assert all(re.search(r":\d", image) for image in images), images
    [client] = named(r"postgresql-client-(\d+)", CONTAINER)
    database = COMPOSE["services"]["database"]["image"]
    assert f"/postgres:{client}-" in database


def test_the_services_name_each_other_and_their_volumes() -> None:
    services, volumes = COMPOSE["services"], set(COMPOSE["volumes"])
    for each in services.values():
        assert set(each.get("depends_on", ())) <= set(services)
        assert each["networks"]
        for mount in each.get("volumes", ()):
            source = mount.split(":")[0]
            assert source in volumes or (DEPLOY / source).is_file(), mount
        assert all(map(is_understood, web_commands(str(each.get("command", "")))))
    kept = {mount.split(":")[1] for mount in services["app"]["volumes"]}
    assert kept == set(named(r"/[a-z]+", named(r"VOLUME (.*)", CONTAINER)[0]))
    assert "healthcheck" in services["database"]
    assert "HEALTHCHECK" in CONTAINER


def test_only_the_proxy_is_reached_and_it_alone_is_believed() -> None:
    services = COMPOSE["services"]
    assert [name for name, each in services.items() if "ports" in each] == ["caddy"]
    given = services["app"]["environment"]
    assert {name.removeprefix(PREFIX).lower() for name in given} <= set(Settings.model_fields)
    address = services["caddy"]["networks"]["inside"]["ipv4_address"]
    assert given["LIANXIN_TRUSTED_PROXIES"] == address
    example = {
        name: re.sub(r"\$\{\w+:\?\}", "https://a.cn", value) for name, value in given.items()
    }
    example["LIANXIN_DATABASE"] = given["LIANXIN_DATABASE"].replace("${POSTGRES_PASSWORD:?}", "p")
    assert "@database/" in Settings.from_environment(example).database_url.render_as_string()


@pytest.mark.parametrize("name", ["Containerfile", "compose.yaml"])
def test_files_that_nobody_ran_say_so(name) -> None:
    assert "Not run by us" in (DEPLOY / name).read_text()
