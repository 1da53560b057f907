// Gate: behavior alone, as deno and fastwebsockets read the report. node behavior-only.js INDEX
'use strict';
const agents = JSON.parse(require('fs').readFileSync(process.argv[2], 'utf8'));
const good = new Set(['OK', 'INFORMATIONAL', 'NON-STRICT']);
const bad = Object.values(agents).flatMap((cases) =>
  Object.entries(cases).filter(([, { behavior }]) => !good.has(behavior)).map(([number]) => number));
console.log(`${bad.length} bad ${bad.slice(0, 10).join(' ')}`);
process.exitCode = bad.length > 0 ? 1 : 0;
