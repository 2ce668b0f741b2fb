import { benchAdmission } from './admission/run.ts';
import { benchAvailability } from './availability/run.ts';
import { benchCheck } from './check/run.ts';
import { benchCreated } from './created/run.ts';
import { benchDrain } from './drain/run.ts';
import { benchDrift } from './drift/run.ts';
import { benchMesh } from './mesh/run.ts';
import { benchRender } from './render/run.ts';
import { benchSoak } from './soak/run.ts';
import { readOptions, type BenchOptions } from './options.ts';

const benches: Readonly<Record<string, (options: BenchOptions) => Promise<void>>> = {
  admission: benchAdmission,
  availability: benchAvailability,
  check: benchCheck,
  created: benchCreated,
  drain: benchDrain,
  drift: benchDrift,
  mesh: benchMesh,
  render: benchRender,
  soak: benchSoak,
};

const read = readOptions(process.argv.slice(2));
if (typeof read === 'string') {
  process.stderr.write(`${read}\n`);
  process.exit(2);
}
const { names, options } = read;
const unknown = names.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  process.stderr.write(
    `No bench is called ${unknown.join(', ')}. There are: ${Object.keys(benches).join(', ')}\n`,
  );
  process.exit(2);
}
for (const [name, bench] of Object.entries(benches)) {
  // The soak takes long, and is run when it is asked for.
  if (names.includes(name) || (names.length === 0 && name !== 'soak')) {
    process.stdout.write(`${name}\n${'='.repeat(name.length)}\n`);
    await bench(options);
  }
}
