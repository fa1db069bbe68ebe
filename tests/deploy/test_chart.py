"""The chart: what Helm and the schemas of Kubernetes say of it, for several sets of values, and that it names settings,
files and figures that there are."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml  # type: ignore[import-untyped]

from ix.cli import COMMANDS
from ix.config import Settings, variable
from tests import processes
from tests.deploy.programs import DEPLOY

CHART = DEPLOY / "chart"
DIGEST = f"sha256:{'0' * 64}"
KEDA = {"engine": {"keda": {"enabled": True}}}
POOLER = {"pooler": {"enabled": True}}
SETS: Mapping[str, Mapping[str, Any]] = {
    "as it comes": {},
    "keda": KEDA,
    "pooler": POOLER,
    "ingress": {"ingress": {"enabled": True, "tlsSecret": "tls"}, "image": {"digest": DIGEST}},
    "all": {
        **POOLER,
        "engine": {"keda": {"enabled": True}, "settings": {"IX_EXTRACTOR": "rules+ollama", "IX_MODEL": "qwen3:8b"}},
        "ingress": {"enabled": True},
        "imagePullSecrets": [{"name": "registry"}],
        "nodeSelector": {"kubernetes.io/arch": "amd64"},
        "tolerations": [{"key": "ix", "operator": "Exists"}],
        "podLabels": {"team": "documents"},
        "podAnnotations": {"a": "b"},
        "web": {"settings": {"IX_MAX_WAITERS": 100}},
    },
    "as little as can be": {
        "networkPolicy": {"enabled": False},
        "bootstrap": False,
        "web": {"autoscaling": {"enabled": False}},
    },
}
KUBERNETES = ("1.27.0", "1.30.0", "1.35.0")
OTHERS = ("ScaledObject", "TriggerAuthentication")
"""Kinds that KEDA brings, of which Kubernetes has no schema."""


@cache
def rendered(name: str) -> Sequence[Mapping[str, Any]]:
    """Every object that a set of values makes."""
    helm = pytest.importorskip("helm_python", reason="helm-python-sdk is not installed")
    with helm.Chart.load(CHART) as chart:
        texts = chart.render(dict(SETS[name]), name="documents", namespace="ix")
    found = [one for text in texts.values() for one in yaml.safe_load_all(text) if one]
    assert len(found) >= 6
    return found


def of_kind(name: str, kind: str) -> Iterator[Mapping[str, Any]]:
    return (one for one in rendered(name) if one["kind"] == kind)


def pods(name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The component and the specification of each pod."""
    for one in rendered(name):
        if one["kind"] in ("Deployment", "Job"):
            template = one["spec"]["template"]
            yield template["metadata"]["labels"]["app.kubernetes.io/component"], template["spec"]


@pytest.mark.parametrize("name", SETS)
def test_helm_finds_nothing(name: str) -> None:
    helm = pytest.importorskip("helm_python", reason="helm-python-sdk is not installed")
    report = helm.lint(CHART, dict(SETS[name]), strict=True)
    assert report["errors"] == []
    assert [one for one in report["messages"] if one["error"] != "icon is recommended"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"engin": {}},
        {"engine": {"slots": 0}},
        {"engine": {"keda": {"enabled": "perhaps"}}},
        {"settings": {"IX_POSTGRES_URL": "postgres://x:secret@y/z"}},
        {"settings": {"PATH": "/"}},
        {"image": {"digest": "latest"}},
        {"web": {"resources": {"limits": {"memory": "much"}}}},
    ],
    ids=str,
)
def test_values_that_it_does_not_know_are_refused(wrong: Mapping[str, Any]) -> None:
    helm = pytest.importorskip("helm_python", reason="helm-python-sdk is not installed")
    assert helm.lint(CHART, dict(wrong))["errors"]


@pytest.mark.parametrize("version", KUBERNETES)
@pytest.mark.parametrize("name", SETS)
def test_kubernetes_takes_every_object(name: str, version: str) -> None:
    validation = pytest.importorskip("kubernetes_validate", reason="kubernetes-validate is not installed")
    for one in rendered(name):
        if one["kind"] not in OTHERS:
            validation.validate(one, version, strict=True)


def test_that_validation_is_awake() -> None:
    validation = pytest.importorskip("kubernetes_validate", reason="kubernetes-validate is not installed")
    [web, *_] = of_kind("as it comes", "Deployment")
    with pytest.raises(validation.ValidationError):
        validation.validate({**web, "spec": {**web["spec"], "replica": 2}}, KUBERNETES[0], strict=True)


@pytest.mark.parametrize("name", SETS)
def test_each_pod_may_do_little(name: str) -> None:
    for part, pod in pods(name):
        security = pod["securityContext"]
        assert security["runAsNonRoot"] is True
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        [container] = pod["containers"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert {"requests", "limits"} == container["resources"].keys()
        assert "/tmp" in [mount["mountPath"] for mount in container["volumeMounts"]]
        # what the setting of the first key asks of its file, which is root's and its group's here
        secrets = [volume["secret"] for volume in pod["volumes"] if "secret" in volume]
        assert [secret["defaultMode"] for secret in secrets] == [0o440]
        assert security["fsGroup"] == security["runAsGroup"] == (70 if part == "pooler" else 10001)


@pytest.mark.parametrize("name", SETS)
def test_it_sets_what_there_is_and_mounts_the_files_that_it_names(name: str) -> None:
    known = {variable(field) for field in Settings.model_fields}
    for part, pod in pods(name):
        [container] = pod["containers"]
        mounted = {item["path"] for volume in pod["volumes"] for item in volume.get("secret", {}).get("items", ())}
        if part == "pooler":
            assert mounted == {"userlist.txt"}
            continue
        assert container["args"] == [part]
        assert part in COMMANDS
        given = {one["name"]: one["value"] for one in container["env"]}
        assert len(given) == len(container["env"])
        assert {key.removesuffix("_FILE") for key in given} <= known
        assert {value for key, value in given.items() if key.endswith("_FILE")} == {
            f"/run/secrets/ix/{path}" for path in mounted
        }
        Settings.from_env({key: value for key, value in given.items() if not key.endswith("_FILE")})


@pytest.mark.parametrize("name", SETS)
def test_selectors_find_the_pods_that_they_mean(name: str) -> None:
    labels = [
        one["spec"]["template"]["metadata"]["labels"] for one in rendered(name) if one["kind"] in ("Deployment", "Job")
    ]
    for one in rendered(name):
        spec = one.get("spec", {})
        selector = spec.get("podSelector") or spec.get("selector")
        if selector is not None:
            wanted = selector.get("matchLabels", selector)
            assert len([found for found in labels if wanted.items() <= found.items()]) == 1, one["metadata"]["name"]


def test_probes_ask_routes_that_answer_without_a_key(database_url: str) -> None:
    [web] = [pod for part, pod in pods("as it comes") if part == "web"]
    paths = {probe["httpGet"]["path"] for key, probe in web["containers"][0].items() if key.endswith("Probe")}
    assert paths == {"/livez", "/readyz"}
    processes.run_ix(database_url, "keys", "add", "me")
    with processes.web(database_url) as address:
        assert [httpx.get(f"{address}{path}").status_code for path in sorted(paths)] == [200, 200]


def test_keda_asks_for_figures_that_web_tells_the_key_which_is_named(database_url: str) -> None:
    [scaled] = of_kind("keda", "ScaledObject")
    formula = scaled["spec"]["advanced"]["scalingModifiers"]["formula"]
    asked = [trigger["metadata"]["valueLocation"] for trigger in scaled["spec"]["triggers"]]
    assert formula.split(" + ") == asked == [trigger["name"] for trigger in scaled["spec"]["triggers"]]
    [address] = {trigger["metadata"]["url"] for trigger in scaled["spec"]["triggers"]}
    [service] = [one for one in of_kind("keda", "Service") if one["metadata"]["name"].endswith("-web")]
    assert address == f"http://{service['metadata']['name']}.ix.svc:{service['spec']['ports'][0]['port']}/metrics"
    key = processes.run_ix(database_url, "keys", "add", "--admin", "--may", "administer")
    with processes.web(database_url) as web:
        figures = httpx.get(f"{web}/metrics", headers={"authorization": f"Bearer {key}"}).json()
        assert httpx.get(f"{web}/metrics").status_code == 401
    assert [figures[one] for one in asked] == [0, 0]
    [deployment] = [one for one in of_kind("keda", "Deployment") if one["metadata"]["name"].endswith("-engine")]
    # whoever scales says how many there are
    assert "replicas" not in deployment["spec"]
    assert scaled["spec"]["scaleTargetRef"]["name"] == deployment["metadata"]["name"]


def test_nobody_calls_an_engine_and_only_the_database_is_asked_by_all() -> None:
    policies = {one["metadata"]["name"].rpartition("-")[2]: one["spec"] for one in of_kind("all", "NetworkPolicy")}
    assert policies.keys() == {"web", "engine", "pooler"}
    assert policies["engine"]["ingress"] == []
    assert all(spec["policyTypes"] == ["Ingress", "Egress"] for spec in policies.values())
    assert all(any(rule["ports"][0]["port"] == 5432 for rule in spec["egress"][:2]) for spec in policies.values())


def test_migrations_run_ahead_of_everything() -> None:
    [job] = of_kind("as it comes", "Job")
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"


def test_every_value_is_described_by_the_schema_and_none_is_idle() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    assert schema["properties"].keys() - {"global"} == values.keys()
    templates = "\n".join(path.read_text() for path in (CHART / "templates").iterdir())
    assert [name for name in values if f".Values.{name}" not in templates] == []


def test_it_has_the_version_of_ix() -> None:
    project = tomllib.loads((Path(DEPLOY).parent / "pyproject.toml").read_text())["project"]
    about = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert (about["appVersion"], about["version"]) == (project["version"], project["version"])
