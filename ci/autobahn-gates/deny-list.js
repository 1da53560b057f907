// Gate: certain words are red, anything else is green, as undici reads the report. node deny-list.js INDEX
'use strict';
const agents = JSON.parse(require('fs').readFileSync(process.argv[2], 'utf8'));
const denied = new Set(['FAILED', 'WRONG CODE', 'UNCLEAN', 'FAILED BY CLIENT']);
let bad = 0;
for (const cases of Object.values(agents))
  for (const { behavior, behaviorClose } of Object.values(cases))
    if (denied.has(behavior) || denied.has(behaviorClose)) bad += 1;
console.log(`${bad} bad`);
process.exitCode = bad > 0 ? 1 : 0;
