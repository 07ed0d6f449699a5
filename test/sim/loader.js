/**
 * Compiles TypeScript as it is loaded, and plants a mutant in it when SYNOD_MUTANT names one: a piece of the source is
 * another one, in this process only. (`mutants.ts` has them.)
 */
const { readFileSync } = require('node:fs');
const path = require('node:path');
const { transformSync } = require('@swc/core');

const ROOT = path.resolve(__dirname, '../..');
const SWC = {
  jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  module: { type: 'commonjs' },
  sourceMaps: 'inline',
};

let planted = [];

require.extensions['.ts'] = (module, file) => {
  let source = readFileSync(file, 'utf8');
  for (const { path: where, from, to } of planted) {
    if (path.join(ROOT, where) !== file) continue;
    if (source.split(from).length !== 2) throw new Error(`${where} has not exactly one place that reads: ${from}`);
    source = source.replace(from, () => to);
  }
  module._compile(transformSync(source, { ...SWC, filename: file }).code, file);
};

process.setSourceMapsEnabled(true);
const { mutants } = require('./mutants.ts');
const name = process.env.SYNOD_MUTANT ?? '';
if (name !== '') {
  const mutant = mutants.find((one) => one.name === name);
  if (!mutant) throw new Error(`there is no mutant ${name}`);
  planted = mutant.changes;
}
