#!/usr/bin/env node
// The `synod` executable. Runs the built program when it is there and not older than its source, else the source
// itself: so it works right after a clone, after an edit, and from a package that holds no source.
'use strict';
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const built = path.join(root, 'dist', 'main.js');
const source = path.join(root, 'src', 'main.ts');

/** The newest change below a folder, milliseconds since the epoch. */
function newest(folder) {
  let latest = 0;
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const name = path.join(folder, entry.name);
    latest = Math.max(latest, entry.isDirectory() ? newest(name) : fs.statSync(name).mtimeMs);
  }
  return latest;
}

const builtAt = fs.existsSync(built) ? fs.statSync(built).mtimeMs : 0;
if (builtAt > 0 && (!fs.existsSync(source) || builtAt >= newest(__dirname))) {
  require(built);
} else {
  require('ts-node').register({ transpileOnly: true, project: path.join(root, 'tsconfig.json') });
  require(source);
}
