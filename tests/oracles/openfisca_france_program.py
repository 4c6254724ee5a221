"""Computes French payslips with openfisca-france; reads and writes JSON, in an environment of its own.

That package is AGPL-3.0: it is run as a separate program, never imported by what is shipped, and nothing of it
is kept here but the names of its variables.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from typing import Any

LINES = {
    "vieillesse_plafonnee_salarie": "old_age_capped.worker",
    "vieillesse_deplafonnee_salarie": "old_age.worker",
    "vieillesse_plafonnee_employeur": "old_age_capped.employer",
    "vieillesse_deplafonnee_employeur": "old_age.employer",
    "mmid_employeur": "health.employer",
    "contribution_solidarite_autonomie": "autonomy.employer",
    "famille": "family.employer",
    "accident_du_travail": "accidents.employer",
    "fnal": "housing_fund.employer",
    "chomage_employeur": "unemployment.employer",
    "ags": "wage_guarantee.employer",
    "agirc_arrco_salarie": "supplementary_pension.worker",
    "agirc_arrco_employeur": "supplementary_pension.employer",
    "contribution_equilibre_general_salarie": "balance.worker",
    "contribution_equilibre_general_employeur": "balance.employer",
    "contribution_equilibre_technique_salarie": "technical_balance.worker",
    "contribution_equilibre_technique_employeur": "technical_balance.employer",
    "apec_salarie": "executive_employment.worker",
    "apec_employeur": "executive_employment.employer",
    "financement_organisations_syndicales": "social_dialogue.employer",
    "prevoyance_obligatoire_cadre": "executive_insurance.employer",
    "csg_deductible_salaire": "csg.deductible",
    "csg_imposable_salaire": "csg.taxed",
    "crds_salaire": "csg.debt",
    "allegement_general": "reduction",
    "salaire_imposable": "taxable",
}
EXECUTIVE_INSURANCE = 0.015


def main() -> None:
    """Answer every case, then time as many payslips as were asked for."""
    asked = json.load(sys.stdin)
    system = importlib.import_module("openfisca_france").CountryTaxBenefitSystem()
    answers: list[dict[str, float]] = []
    for case in asked["cases"]:
        computed, _ = payslips(system, [case])
        answers.append({name: float(values[0]) for name, values in computed.items()})
    many = [asked["cases"][place % len(asked["cases"])] for place in range(asked["timed"])]
    day = many[0]["day"]
    _, seconds = payslips(system, [{**case, "day": day} for case in many])
    json.dump({"answers": answers, "seconds_each": seconds / len(many)}, sys.stdout)


def payslips(system: Any, cases: list[dict[str, Any]]) -> tuple[dict[str, Any], float]:
    """The lines of payslips of one month, and the processor's seconds without the building of the people."""
    builder = importlib.import_module("openfisca_core.simulation_builder").SimulationBuilder()
    np = importlib.import_module("numpy")
    simulation = builder.build_default_simulation(system, count=len(cases))
    year, month, _ = cases[0]["day"].split("-")
    period = f"{year}-{month}"
    categories = system.variables["categorie_salarie"].possible_values
    told = {
        "salaire_de_base": [case["gross"] / 100 for case in cases],
        "effectif_entreprise": [case["workforce"] for case in cases],
        "taux_accident_travail": [case["accident_rate"] / 1_000_000 for case in cases],
        "prevoyance_obligatoire_cadre_taux_employeur": [
            EXECUTIVE_INSURANCE if case["is_executive"] else 0.0 for case in cases
        ],
    }
    for name, values in told.items():
        simulation.set_input(name, period, np.array(values))
    kinds = [categories.prive_cadre if case["is_executive"] else categories.prive_non_cadre for case in cases]
    simulation.set_input("categorie_salarie", period, np.array([kind.name for kind in kinds]))
    began = time.process_time()
    found = {line: simulation.calculate(name, period) for name, line in LINES.items()}
    return found, time.process_time() - began


if __name__ == "__main__":
    main()
