// Computes French payslips with modele-social and publicodes (MIT); reads and writes JSON.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const here = createRequire(`${process.cwd()}/`)
const load = async (name) => {
  const loaded = (await import(pathToFileURL(here.resolve(name)).href)).default
  return loaded.default ?? loaded
}
const Engine = await load('publicodes')
const rules = await load('modele-social')

const OF = 'salarié . cotisations'
const LINES = {
  [`${OF} . vieillesse . salarié . plafonnée`]: 'old_age_capped.worker',
  [`${OF} . vieillesse . salarié . déplafonnée`]: 'old_age.worker',
  [`${OF} . vieillesse . employeur . plafonnée`]: 'old_age_capped.employer',
  [`${OF} . vieillesse . employeur . déplafonnée`]: 'old_age.employer',
  [`${OF} . maladie . employeur`]: 'health.employer',
  [`${OF} . CSA`]: 'autonomy.employer',
  [`${OF} . allocations familiales`]: 'family.employer',
  [`${OF} . ATMP`]: 'accidents.employer',
  [`${OF} . FNAL`]: 'housing_fund.employer',
  [`${OF} . chômage`]: 'unemployment.employer',
  [`${OF} . AGS`]: 'wage_guarantee.employer',
  [`${OF} . retraite complémentaire . salarié`]: 'supplementary_pension.worker',
  [`${OF} . retraite complémentaire . employeur`]: 'supplementary_pension.employer',
  [`${OF} . CEG . salarié`]: 'balance.worker',
  [`${OF} . CEG . employeur`]: 'balance.employer',
  [`${OF} . CET . salarié`]: 'technical_balance.worker',
  [`${OF} . CET . employeur`]: 'technical_balance.employer',
  [`${OF} . APEC . salarié`]: 'executive_employment.worker',
  [`${OF} . APEC . employeur`]: 'executive_employment.employer',
  [`${OF} . contribution au dialogue social`]: 'social_dialogue.employer',
  [`${OF} . formation professionnelle`]: 'training.employer',
  [`${OF} . taxe d'apprentissage`]: 'apprenticeship.employer',
  [`${OF} . PEEC`]: 'building_effort.employer',
  [`${OF} . CSG-CRDS . CSG . déductible`]: 'csg.deductible',
  [`${OF} . CSG-CRDS . CSG . non déductible`]: 'csg.taxed',
  [`${OF} . CSG-CRDS . CRDS`]: 'csg.debt',
  [`${OF} . exonérations . RGDU`]: 'reduction',
  'salarié . rémunération . net . imposable': 'taxable',
  'salarié . rémunération . net . à payer avant impôt': 'net_before_tax',
}
const TIMED = ['salarié . rémunération . net . à payer avant impôt', 'salarié . coût total employeur']

const asked = JSON.parse(readFileSync(0, 'utf8'))
const engine = new Engine(rules, { logger: { log() {}, warn() {}, error() {} } })

const situation = (each) => {
  const [year, month] = each.day.split('-')
  return {
    dirigeant: 'non',
    "entreprise . catégorie juridique": "''",
    'entreprise . imposition': 'non',
    'entreprise . salariés . effectif': `${each.workforce} employés`,
    'établissement . taux ATMP': `${each.accident_rate / 10000} %`,
    'salarié . contrat': "'CDI'",
    'salarié . contrat . statut cadre': each.is_executive ? 'oui' : 'non',
    'salarié . contrat . salaire brut': `${each.gross / 100} €/mois`,
    'salarié . cotisations . prévoyances . santé . montant': '0 €/mois',
    date: `01/${month}/${year}`,
  }
}
const value = (name, unit = '€/mois') => engine.evaluate({ valeur: name, unité: unit }).nodeValue

const missing = []
const answers = asked.cases.map((each) => {
  engine.setSituation(situation(each))
  const found = {}
  for (const [name, line] of Object.entries(LINES)) {
    try {
      const amount = value(name)
      found[line] = typeof amount === 'number' ? amount : 0
    } catch (error) {
      missing.push(`${name}: ${error.message.split('\n')[0]}`)
    }
  }
  return found
})

const began = process.cpuUsage()
for (let place = 0; place < asked.timed; place++) {
  engine.setSituation(situation(asked.cases[place % asked.cases.length]))
  for (const name of TIMED) value(name)
}
const used = process.cpuUsage(began)
const seconds = (used.user + used.system) / 1e6
process.stdout.write(
  JSON.stringify({ answers, seconds_each: seconds / asked.timed, missing: [...new Set(missing)] }),
)
