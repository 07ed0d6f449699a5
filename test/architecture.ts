/** The rules of the house about src/, as functions from a file's path and text to what is wrong with it. */
import path from 'node:path';
import ts from 'typescript';

/** A file of src/: its path below it, with slashes, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** What a part may import of another: all of it, its types, or some files of it. */
type Grant = 'all' | 'types' | readonly string[];

/** Of the chat: what commands, texts and events are, and how they are put together. Not how they are applied. */
const WHAT_IS_SAID: readonly string[] = ['commands', 'texts', 'events', 'event-runs', 'room-digest'];
const NAMES_AND_SAID: readonly string[] = ['names', 'text', ...WHAT_IS_SAID];

/** Imports point downward only. What is not here is not allowed; a part may always import itself. */
const MAY_IMPORT: Readonly<Record<string, Readonly<Record<string, Grant>>>> = {
  lib: {},
  paxos: { lib: 'all' },
  chat: { lib: 'all' },
  wire: { lib: 'all', paxos: 'types', chat: WHAT_IS_SAID },
  transport: { lib: 'all' },
  storage: { lib: 'all', paxos: ['ballot'] },
  // The limits of every part are made in one place, from one file.
  config: {
    lib: 'all',
    wire: ['limits'],
    paxos: 'types',
    chat: ['limits'],
    transport: 'types',
    server: 'types',
    balancer: 'types',
    client: 'types',
  },
  keys: { lib: 'all', config: 'all', storage: ['directories'], transport: ['security'] },
  history: { lib: 'all', chat: WHAT_IS_SAID, wire: 'all', storage: ['storage'] },
  balancer: { lib: 'all', wire: ['frames'], transport: 'types', config: 'types' },
  server: {
    lib: 'all',
    paxos: 'all',
    chat: 'all',
    wire: 'all',
    history: 'all',
    transport: 'types',
    storage: ['storage'],
    config: 'types',
  },
  // A client may not know how the state machine works, but what a name and a text may be.
  client: { lib: 'all', wire: 'all', transport: 'types', config: ['preferences'], chat: NAMES_AND_SAID },
  cli: {
    lib: 'all',
    config: 'all',
    keys: 'all',
    wire: 'all',
    paxos: ['ballot'],
    history: 'all',
    transport: 'all',
    storage: 'all',
    server: 'all',
    balancer: 'all',
    client: 'all',
    chat: NAMES_AND_SAID,
  },
  'main.ts': { cli: 'all', lib: 'all' },
};

/** Each third-party package has one home. */
const HOMES: Readonly<Record<string, readonly string[]>> = {
  zeromq: ['transport/'],
  msgpackr: ['wire/'],
  'classic-level': ['storage/'],
  '@node-rs/crc32': ['storage/'],
  zod: ['config/', 'keys/'],
  'neo-blessed': ['client/ui/'],
  'string-width': ['client/'],
  commander: ['cli/', 'main.ts'],
};

/** Where nothing comes from outside but by arguments, and what in these places is a shell around it all the same. */
const PURE = [
  'paxos/',
  'chat/',
  'lib/assert.ts',
  'lib/prng.ts',
  'lib/rate.ts',
  'history/',
  'balancer/',
  'client/',
  'server/',
];
const SHELLS = [
  'balancer/process.ts',
  'client/ui/',
  'client/headless.ts',
  'client/json.ts',
  'client/lines.ts',
  'client/window-file.ts',
  'client/output.ts',
  'client/plain.ts',
  'client/shell.ts',
  'server/group-commit.ts',
  'server/perform.ts',
  'server/process.ts',
];
const IMPURE_GLOBALS = new Set([
  'Date',
  'performance',
  'process',
  'crypto',
  'globalThis',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'require',
]);
/** To Paxos a value is bytes, and the state machine has none. */
const WITHOUT_NODE = ['paxos/', 'chat/'];

const MAX_LINES = 400;

/** What is wrong with a file, a line each; empty: nothing. */
export function violationsOf(file: SourceFile): readonly string[] {
  const source = parse(file);
  const found = [...importsOf(source)].flatMap((one) => [...layering(file, one), ...packages(file, one)]);
  return [...found, ...globals(file, source), ...size(file)].map((what) => `${file.path}: ${what}`);
}

function isIn(file: SourceFile, places: readonly string[]): boolean {
  return places.some((place) => file.path === place || (place.endsWith('/') && file.path.startsWith(place)));
}

function isPure(file: SourceFile): boolean {
  return isIn(file, PURE) && !isIn(file, SHELLS);
}

// ---- Imports ------------------------------------------------------------------------------------------------------

interface Import {
  readonly from: string;
  readonly typesOnly: boolean;
}

function parse({ path: name, text }: SourceFile): ts.SourceFile {
  return ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true);
}

function* importsOf(node: ts.Node): Generator<Import> {
  if (ts.isImportDeclaration(node)) {
    yield { from: literal(node.moduleSpecifier), typesOnly: importsTypes(node.importClause) };
  } else if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
    yield { from: literal(node.moduleSpecifier), typesOnly: node.isTypeOnly };
  } else if (ts.isExternalModuleReference(node)) {
    yield { from: literal(node.expression), typesOnly: false };
  } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    yield { from: literal(node.argument.literal), typesOnly: true };
  } else if (ts.isCallExpression(node) && ['import', 'require'].includes(node.expression.getText())) {
    const [from] = node.arguments;
    if (from) yield { from: literal(from), typesOnly: false };
  }
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(child));
  for (const child of children) yield* importsOf(child);
}

function literal(node: ts.Node): string {
  return ts.isStringLiteralLike(node) ? node.text : node.getText();
}

function importsTypes(clause: ts.ImportClause | undefined): boolean {
  if (!clause || clause.isTypeOnly) return clause !== undefined;
  const names = clause.namedBindings;
  return !clause.name && !!names && ts.isNamedImports(names) && names.elements.every((name) => name.isTypeOnly);
}

/** The path below src/ of what a relative import names, without its ending. */
function target(file: SourceFile, from: string): string {
  return path.posix.join(path.posix.dirname(file.path), from);
}

function layering(file: SourceFile, { from, typesOnly }: Import): readonly string[] {
  if (!from.startsWith('.')) return [];
  const [part = ''] = file.path.split('/');
  const [other = '', ...rest] = target(file, from).split('/');
  if (other === part) return [];
  const grant = MAY_IMPORT[part]?.[other];
  if (grant === undefined) return [`${part} may not import ${other} (${from})`];
  if (grant === 'all' || (typesOnly && (grant === 'types' || part !== 'balancer'))) return [];
  if (grant === 'types') return [`${part} may import only types of ${other} (${from})`];
  return grant.includes(rest.join('/')) ? [] : [`${part} may import only ${grant.join(', ')} of ${other} (${from})`];
}

function packages(file: SourceFile, { from }: Import): readonly string[] {
  if (from.startsWith('.')) return [];
  if (from.startsWith('node:')) return isPure(file) ? [`${from} in a pure place`] : [];
  const homes = HOMES[from];
  if (!homes) return [`${from} is no package of this project's`];
  return isIn(file, homes) ? [] : [`${from} lives in ${homes.join(' and ')}`];
}

/** The packages that are loaded with a file, by itself or by what it imports. */
export function packagesBehind(start: string, files: readonly SourceFile[]): ReadonlySet<string> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const found = new Set<string>();
  const visited = new Set<string>();
  const visit = (name: string) => {
    const file = byPath.get(name);
    if (!file || visited.has(name)) return;
    visited.add(name);
    for (const { from, typesOnly } of importsOf(parse(file))) {
      if (typesOnly) continue;
      if (!from.startsWith('.')) found.add(from);
      else for (const ending of ['.ts', '/index.ts']) visit(target(file, from) + ending);
    }
  };
  visit(start);
  return found;
}

// ---- What comes from outside --------------------------------------------------------------------------------------

function globals(file: SourceFile, source: ts.SourceFile): readonly string[] {
  const found: string[] = [];
  const pure = isPure(file);
  const visit = (node: ts.Node) => {
    if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
      const name = `${node.expression.text}.${node.name.text}`;
      if (name === 'process.exit' && file.path !== 'main.ts') found.push('process.exit belongs in main.ts');
      if (name === 'Date.now' && file.path !== 'lib/clock.ts') found.push('Date.now belongs in lib/clock.ts');
      if (name === 'Math.random' && pure) found.push('Math.random in a pure place');
    }
    if (ts.isIdentifier(node) && isUse(node)) {
      const { text } = node;
      if (pure && IMPURE_GLOBALS.has(text) && !showsTime(file, node)) found.push(`${text} in a pure place`);
      if (text === 'Buffer' && isIn(file, WITHOUT_NODE)) found.push('Buffer where node is not known');
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** A client may show a time that it was given in its reader's time zone: that reads no clock. */
function showsTime(file: SourceFile, { text, parent }: ts.Identifier): boolean {
  return isIn(file, ['client/']) && text === 'Date' && ts.isNewExpression(parent) && parent.arguments?.length === 1;
}

/** Not the name of a property, of a member or of a field: those may be called as they like. */
function isUse(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name !== node;
  if (ts.isQualifiedName(parent)) return parent.right !== node;
  if (ts.isPropertyAssignment(parent) || ts.isBindingElement(parent)) return parent.initializer === node;
  const declares = ts.isPropertySignature(parent) || ts.isMethodSignature(parent);
  return !declares && !ts.isMethodDeclaration(parent) && !ts.isPropertyDeclaration(parent);
}

function size({ text }: SourceFile): readonly string[] {
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  return lines > MAX_LINES ? [`${lines} lines, more than ${MAX_LINES}: it is more than one thing`] : [];
}
