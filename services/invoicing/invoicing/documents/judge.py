"""Judges a UBL document by the official rules, read in place from their jars: XSD, EN 16931, Peppol BIS."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lxml import etree
from saxonche import PySaxonApiError, PySaxonProcessor

from invoicing.documents.address_space import check_address_space
from invoicing.documents.finding import FATAL, WARNING, Finding, Layer
from invoicing.documents.own_rules import own_findings
from invoicing.documents.safe_xml import UnsafeXml, parse
from invoicing.domain.errors import RuleFilesMissing, ValidatorNotReady

FINDINGS_MAX: Final = 200
MESSAGE_CHARACTERS_MAX: Final = 500

_EN16931_JAR: Final = "com/helger/phive/rules/phive-rules-en16931/4.3.7/phive-rules-en16931-4.3.7.jar"
_PEPPOL_JAR: Final = "com/helger/phive/rules/phive-rules-peppol/4.3.7/phive-rules-peppol-4.3.7.jar"
_UBL_JAR: Final = "com/helger/ubl/ph-ubl21/10.2.0/ph-ubl21-10.2.0.jar"
# The UBL schemas import the core component types by namespace only, from a jar of their own.
_TYPES_JAR: Final = (
    "com/helger/xsd/ph-xsds-ccts-cct-schemamodule/4.1.0/ph-xsds-ccts-cct-schemamodule-4.1.0.jar"
)
_EN16931_XSLT: Final = "external/schematron/1.3.16/ubl/EN16931-UBL-validation.xslt"
_PEPPOL_XSLT: Final = "external/schematron/openpeppol/2026.5/xslt/PEPPOL-EN16931-UBL.xslt"
_XSD_FOLDER: Final = "external/schemas/ubl21/"
_TYPES_XSD: Final = "schemas/CCTS_CCT_SchemaModule.xsd"
_TYPES: Final = "urn:un:unece:uncefact:data:specification:CoreComponentTypeSchemaModule:2"
_SIGNATURES: Final = "UBL-CommonSignatureComponents-2.1.xsd"
_SVRL: Final = "{http://purl.oclc.org/dsdl/svrl}"

# A document that every layer must reject; readiness depends on it.
KNOWN_BAD: Final = b"""<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2">
<cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0</cbc:CustomizationID>
<cbc:ID>1</cbc:ID><cbc:IssueDate>2026-01-01</cbc:IssueDate><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
<cac:LegalMonetaryTotal><cbc:PayableAmount currencyID="EUR">1.00</cbc:PayableAmount></cac:LegalMonetaryTotal>
</Invoice>"""
KNOWN_BAD_LAYERS: Final[frozenset[Layer]] = frozenset({"xsd", "en16931", "peppol", "own"})


@dataclass(frozen=True, slots=True)
class _Stylesheet:
    layer: Layer
    executable: object  # saxonche's PyXsltExecutable, which has no types


class Judge:
    """The compiled rules. One judge belongs to one process and one thread; making it takes about a second."""

    def __init__(self, jars_dir: Path) -> None:
        """Compiles all rules and proves that they bite.

        Raises AddressSpaceLimited, RuleFilesMissing, ValidatorNotReady where the known-bad document passes.
        """
        check_address_space()
        self._processor = PySaxonProcessor(license=False)
        self._xslt = self._processor.new_xslt30_processor()
        self._en16931 = self._compile("en16931", jars_dir / _EN16931_JAR, _EN16931_XSLT)
        self._peppol = self._compile("peppol", jars_dir / _PEPPOL_JAR, _PEPPOL_XSLT)
        self._schemas = _schemas(jars_dir)
        rejecting = {finding.layer for finding in self.findings(KNOWN_BAD) if finding.is_fatal}
        if not rejecting >= KNOWN_BAD_LAYERS:
            raise ValidatorNotReady(silent_layers=sorted(KNOWN_BAD_LAYERS - rejecting))

    def findings(self, xml: bytes, kind: str = "invoice") -> list[Finding]:
        """Everything the rules have against the document; empty where it may be sent.

        `kind` as `ubl.kind` says it: "invoice" for a document of the Peppol network, "core" for one outside
        it, which the Peppol layer does not judge. Never raises for a bad document: where a rule stumbles over
        it, that is a fatal finding.
        """
        assert kind in ("invoice", "core"), "two kinds of documents are judged"
        try:
            root = parse(xml)
        except UnsafeXml as fault:
            return [Finding("XML", "xml", FATAL, str(fault))]
        schema = self._schemas.get(root.tag)
        if schema is None:
            return [
                Finding("XML-ROOT", "xml", FATAL, "The document is neither an invoice nor a credit note.")
            ]
        text = etree.tostring(root, encoding="unicode")
        found = _xsd_findings(schema, root)
        found += self._schematron(self._en16931, text)
        if kind == "invoice":
            found += self._schematron(self._peppol, text)
        found += own_findings(root)
        return found[:FINDINGS_MAX]

    def _compile(self, layer: Layer, jar: Path, entry: str) -> _Stylesheet:
        text = _read(jar, entry).decode("utf-8")
        return _Stylesheet(layer, self._xslt.compile_stylesheet(stylesheet_text=text))

    def _schematron(self, stylesheet: _Stylesheet, text: str) -> list[Finding]:
        executable = stylesheet.executable
        try:
            node = self._processor.parse_xml(xml_text=text)
            report = executable.transform_to_string(xdm_node=node)  # type: ignore[attr-defined] # untyped library
            if not report:
                raise RuntimeError("the rules gave no report")
            svrl = etree.fromstring(report.encode())
        except (PySaxonApiError, RuntimeError, ValueError, etree.XMLSyntaxError) as fault:
            # The document made a rule cast or divide what cannot be; such a document is never sent.
            message = str(fault)[:MESSAGE_CHARACTERS_MAX]
            return [Finding("XSLT-RUNTIME", stylesheet.layer, FATAL, message)]
        return [
            Finding(
                rule=failed.get("id", ""),
                layer=stylesheet.layer,
                severity=FATAL if failed.get("flag", FATAL) == FATAL else WARNING,
                message=" ".join(str(failed.xpath("string()")).split())[:MESSAGE_CHARACTERS_MAX],
                location=failed.get("location", "")[:MESSAGE_CHARACTERS_MAX],
            )
            for failed in svrl.iter(f"{_SVRL}failed-assert", f"{_SVRL}successful-report")
        ]


class _JarResolver(etree.Resolver):
    """Finds the schema's parts in the jar, and nothing anywhere else."""

    def __init__(self, parts: dict[str, bytes]) -> None:
        super().__init__()
        self._parts = parts

    def resolve(self, system_url: str, public_id: str, context: object) -> object:  # type: ignore[override] # untyped context
        name = system_url.rsplit("/", 1)[-1]
        if name == _SIGNATURES:
            # The signature part needs the W3C schema, absent here; our documents are not signed.
            stub = (
                '<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" targetNamespace='
                '"urn:oasis:names:specification:ubl:schema:xsd:CommonSignatureComponents-2"/>'
            )
            return self.resolve_string(stub, context, base_url=system_url)
        if name not in self._parts:
            raise RuleFilesMissing(file=name)
        return self.resolve_string(self._parts[name], context, base_url=system_url)


def _schemas(jars_dir: Path) -> dict[str, etree.XMLSchema]:
    jar = jars_dir / _UBL_JAR
    with _open(jar) as archive:
        parts = {
            name.rsplit("/", 1)[-1]: archive.read(name)
            for name in archive.namelist()
            if name.startswith(f"{_XSD_FOLDER}common/") and name.endswith(".xsd")
        }
    types = _TYPES_XSD.rsplit("/", 1)[-1]
    parts[types] = _read(jars_dir / _TYPES_JAR, _TYPES_XSD)
    schemas: dict[str, etree.XMLSchema] = {}
    for kind in ("Invoice", "CreditNote"):
        document, namespace = f"UBL-{kind}-2.1.xsd", f"urn:oasis:names:specification:ubl:schema:xsd:{kind}-2"
        main = {**parts, document: _read(jar, f"{_XSD_FOLDER}maindoc/{document}")}
        parser = etree.XMLParser(no_network=True, resolve_entities=False)
        parser.resolvers.add(_JarResolver(main))
        wrapper = (
            '<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema">'
            f'<xsd:import namespace="{_TYPES}" schemaLocation="{types}"/>'
            f'<xsd:import namespace="{namespace}" schemaLocation="{document}"/>'
            "</xsd:schema>"
        )
        schema = etree.fromstring(wrapper, parser)
        schemas[f"{{{namespace}}}{kind}"] = etree.XMLSchema(schema.getroottree())
    return schemas


def _xsd_findings(schema: etree.XMLSchema, root: etree._Element) -> list[Finding]:
    if schema.validate(root.getroottree()):
        return []
    return [
        Finding("XSD", "xsd", FATAL, error.message[:MESSAGE_CHARACTERS_MAX], f"line {error.line}")
        for error in schema.error_log  # type: ignore[attr-defined] # iterable, the stubs do not know
    ]


def _read(jar: Path, entry: str) -> bytes:
    with _open(jar) as archive:
        try:
            return archive.read(entry)
        except KeyError:
            raise RuleFilesMissing(file=entry) from None


def _open(jar: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(jar)
    except (OSError, zipfile.BadZipFile):
        raise RuleFilesMissing(file=jar.name) from None
