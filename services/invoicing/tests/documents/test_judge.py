import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from invoicing.documents import own_rules
from invoicing.documents.judge import KNOWN_BAD, KNOWN_BAD_LAYERS, Judge
from invoicing.domain.errors import RuleFilesMissing

OWN_FINDINGS = {
    "invalid/vat-per-line-rounding.xml": {"OWN-VAT-EXACT"},
    "invalid/ae-without-reason.xml": {"OWN-VAT-REASON"},
    "invalid/ae-with-rate.xml": {"OWN-VAT-EXACT"},
    "invalid/nl-credit-no-ref.xml": {"OWN-PRECEDING-INVOICE"},
    "valid/passes-but-no-due-date.xml": {"OWN-DUE-DATE"},
}


def test_every_fixture_gets_exactly_the_findings_of_its_manifest(judge: Judge, fixtures_dir: Path) -> None:
    folder = fixtures_dir / "own-peppol"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]
    assert len(manifest) >= 29
    for name, expected in manifest.items():
        found = judge.findings((folder / name).read_bytes())
        by_layer = {
            layer: sorted({finding.rule for finding in found if finding.layer == layer})
            for layer in ("xsd", "en16931", "peppol", "own")
        }
        assert (not by_layer["xsd"]) == expected["xsd"], name
        assert by_layer["en16931"] == expected["cen"], name
        assert by_layer["peppol"] == expected["peppol"], name
        assert set(by_layer["own"]) == OWN_FINDINGS.get(name, set()), name


@pytest.mark.parametrize("rule", own_rules.RULES, ids=lambda rule: rule.__name__.strip("_"))
def test_without_one_of_our_rules_a_broken_document_would_pass_it(
    judge: Judge, fixtures_dir: Path, monkeypatch: pytest.MonkeyPatch, rule: Callable[..., object]
) -> None:
    folder = fixtures_dir / "own-peppol"
    documents = [(folder / name).read_bytes() for name in OWN_FINDINGS]
    valid = (folder / "valid" / "be-std-21.xml").read_bytes()
    start, end = valid.index(b"<cac:TaxSubtotal>"), valid.index(b"</cac:TaxTotal>")
    documents.append(valid[:end] + valid[start:end] + valid[end:])  # the same rate twice

    def own() -> list[set[str]]:
        return [{one.rule for one in judge.findings(xml) if one.layer == "own"} for xml in documents]

    before = own()
    monkeypatch.setattr(own_rules, "RULES", tuple(other for other in own_rules.RULES if other is not rule))
    assert own() != before


def test_the_official_unit_tests_of_the_norm_get_their_result(judge: Judge, fixtures_dir: Path) -> None:
    files = sorted((fixtures_dir / "en16931-cen" / "test").glob("*-unit-UBL/*.xml"))
    checked = 0
    for path in files[::12]:  # a sample: all of them take half a minute
        for case in etree.parse(path).getroot().iter("{*}test"):
            documents = [
                one
                for one in case
                if isinstance(one.tag, str) and etree.QName(one).localname in ("Invoice", "CreditNote")
            ]
            if not documents:
                continue
            found = judge.findings(etree.tostring(documents[0]), "core")
            fired = [finding.rule for finding in found if finding.layer == "en16931"]
            for wanted in case.iterfind("{*}assert/*"):
                kind, rule = etree.QName(wanted).localname, (wanted.text or "").strip()
                if kind == "success":
                    assert rule not in fired, path.name
                elif kind in ("error", "warning"):
                    assert fired.count(rule) == int(wanted.get("number") or fired.count(rule) or 1), path.name
            checked += 1
    assert checked > 40


def test_the_known_bad_document_is_rejected_by_every_layer(judge: Judge) -> None:
    assert {finding.layer for finding in judge.findings(KNOWN_BAD)} >= KNOWN_BAD_LAYERS


@pytest.mark.parametrize(
    ("xml", "rule"),
    [
        (b"<root/>", "XML-ROOT"),
        (b"", "XML"),
        (b"no xml", "XML"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "XML"),
        (b"<a>" + b" " * (5 * 1024 * 1024) + b"</a>", "XML"),
    ],
)
def test_what_is_no_document_is_one_fatal_finding(judge: Judge, xml: bytes, rule: str) -> None:
    [finding] = judge.findings(xml)
    assert (finding.rule, finding.is_fatal) == (rule, True)


def test_a_rule_that_stumbles_is_a_fatal_finding_and_the_judge_goes_on(
    judge: Judge, fixtures_dir: Path
) -> None:
    valid = (fixtures_dir / "own-peppol" / "valid" / "be-std-21.xml").read_bytes()
    found = judge.findings(valid.replace(b"1769.63", b"abc"))
    assert "XSLT-RUNTIME" in {finding.rule for finding in found if finding.is_fatal}
    assert judge.findings(valid) == []


def test_without_its_rule_files_there_is_no_judge(tmp_path: Path) -> None:
    with pytest.raises(RuleFilesMissing):
        Judge(tmp_path)


def test_under_a_limit_of_address_space_the_judge_refuses_instead_of_aborting(jars_dir: Path) -> None:
    program = (
        "import resource, sys; from pathlib import Path; from invoicing.documents.judge import Judge\n"
        "resource.setrlimit(resource.RLIMIT_AS, (16 * 2**30, resource.RLIM_INFINITY))\n"
        "try: Judge(Path(sys.argv[1]))\n"
        "except Exception as refusal: print(type(refusal).__name__)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(jars_dir)],
        capture_output=True,
        text=True,
        timeout=60,
        env=dict(os.environ),
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "AddressSpaceLimited")
