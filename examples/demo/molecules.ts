/** The cryoprotectants that the demo knows, with their formulas, molar masses (g/mol) and PubChem compound ids. */
export interface Molecule {
  readonly id: number;
  readonly name: string;
  readonly formula: string;
  readonly molarMass: number;
  readonly smiles: string;
  /** PubChem compound id. */
  readonly cid: number;
  /** Passes through a cell's membrane; the others protect from outside. */
  readonly penetrating: boolean;
}

type Row = readonly [
  name: string,
  formula: string,
  molarMass: number,
  smiles: string,
  cid: number,
  penetrating: boolean,
];

const rows: readonly Row[] = [
  ['Glycerol', 'C3H8O3', 92.09, 'OCC(O)CO', 753, true],
  ['Dimethyl sulfoxide', 'C2H6OS', 78.13, 'CS(C)=O', 679, true],
  ['Ethylene glycol', 'C2H6O2', 62.07, 'OCCO', 174, true],
  ['Propylene glycol', 'C3H8O2', 76.09, 'CC(O)CO', 1030, true],
  ['Formamide', 'CH3NO', 45.04, 'NC=O', 713, true],
  ['Acetamide', 'C2H5NO', 59.07, 'CC(N)=O', 178, true],
  ['Methanol', 'CH4O', 32.04, 'CO', 887, true],
  ['Ethanol', 'C2H6O', 46.07, 'CCO', 702, true],
  ['2,3-Butanediol', 'C4H10O2', 90.12, 'CC(O)C(C)O', 262, true],
  ['1,3-Propanediol', 'C3H8O2', 76.09, 'OCCCO', 10442, true],
  ['Diethylene glycol', 'C4H10O3', 106.12, 'OCCOCCO', 8117, true],
  ['Urea', 'CH4N2O', 60.06, 'NC(N)=O', 1176, true],
  ['Trehalose', 'C12H22O11', 342.3, 'OCC1OC(OC2OC(CO)C(O)C(O)C2O)C(O)C(O)C1O', 7427, false],
  ['Sucrose', 'C12H22O11', 342.3, 'OCC1OC(OC2(CO)OC(CO)C(O)C2O)C(O)C(O)C1O', 5988, false],
  ['Glucose', 'C6H12O6', 180.16, 'OCC1OC(O)C(O)C(O)C1O', 5793, false],
  ['Raffinose', 'C18H32O16', 504.4, 'OCC1OC(OCC2OC(OC3(CO)OC(CO)C(O)C3O)C(O)C(O)C2O)C(O)C(O)C1O', 439242, false],
  ['Mannitol', 'C6H14O6', 182.17, 'OCC(O)C(O)C(O)C(O)CO', 6251, false],
  ['Sorbitol', 'C6H14O6', 182.17, 'OCC(O)C(O)C(O)C(O)CO', 5780, false],
  ['Xylitol', 'C5H12O5', 152.15, 'OCC(O)C(O)C(O)CO', 6912, false],
  ['Erythritol', 'C4H10O4', 122.12, 'OCC(O)C(O)CO', 222285, true],
  ['Proline', 'C5H9NO2', 115.13, 'OC(=O)C1CCCN1', 145742, false],
  ['Betaine', 'C5H11NO2', 117.15, 'C[N+](C)(C)CC([O-])=O', 247, false],
  ['Ectoine', 'C6H10N2O2', 142.16, 'CC1=NC(CCN1)C(O)=O', 126041, false],
];

export const molecules: readonly Molecule[] = rows.map(
  ([name, formula, molarMass, smiles, cid, penetrating], index) => ({
    id: index + 1,
    name,
    formula,
    molarMass,
    smiles,
    cid,
    penetrating,
  }),
);

/** One part of a mixture: which molecule, and how much of it in mol per litre. */
export interface Component {
  readonly molecule: string;
  readonly molar: number;
}

export interface Mixture {
  readonly id: number;
  readonly name: string;
  readonly use: string;
  readonly components: readonly Component[];
}

/** Mixtures from the literature. VS55 and DP6 are vitrification solutions; their concentrations are the published ones. */
export const mixtures: readonly Mixture[] = [
  {
    id: 1,
    name: 'VS55',
    use: 'vitrification of tissue',
    components: [
      { molecule: 'Dimethyl sulfoxide', molar: 3.1 },
      { molecule: 'Formamide', molar: 3.1 },
      { molecule: 'Propylene glycol', molar: 2.21 },
    ],
  },
  {
    id: 2,
    name: 'DP6',
    use: 'vitrification of blood vessels',
    components: [
      { molecule: 'Dimethyl sulfoxide', molar: 3 },
      { molecule: 'Propylene glycol', molar: 3 },
    ],
  },
  {
    id: 3,
    name: 'Slow freezing with DMSO',
    use: 'cell lines; ten percent by volume',
    components: [{ molecule: 'Dimethyl sulfoxide', molar: 1.41 }],
  },
  {
    id: 4,
    name: 'Glycerol for red blood cells',
    use: 'forty percent by weight and volume',
    components: [{ molecule: 'Glycerol', molar: 4.34 }],
  },
  {
    id: 5,
    name: 'Ethylene glycol, DMSO and sucrose',
    use: 'vitrification of oocytes and embryos',
    components: [
      { molecule: 'Ethylene glycol', molar: 2.68 },
      { molecule: 'Dimethyl sulfoxide', molar: 2.11 },
      { molecule: 'Sucrose', molar: 0.5 },
    ],
  },
  {
    id: 6,
    name: 'Trehalose for drying',
    use: 'freeze-drying of platelets',
    components: [{ molecule: 'Trehalose', molar: 0.2 }],
  },
];

/** A cooling experiment: how much of a sample was alive afterwards. */
export interface Experiment {
  readonly id: number;
  readonly mixture: number;
  /** Degrees Celsius a minute. */
  readonly coolingRate: number;
  /** 0..1. */
  readonly viability: number;
}

/** Experiments of the demo's laboratory; made up, in the range of what such experiments give. */
export const experiments: readonly Experiment[] = mixtures.flatMap((mixture) =>
  [1, 10, 100].map((coolingRate, step) => ({
    id: mixture.id * 10 + step,
    mixture: mixture.id,
    coolingRate,
    viability: Number((0.55 + ((mixture.id * 7 + step * 11) % 40) / 100).toFixed(2)),
  })),
);
