import { benchAdmission } from './admission/run.ts';
import { benchAvailability } from './availability/run.ts';
import { benchCheck } from './check/run.ts';
import { benchDrain } from './drain/run.ts';
import { benchDrift } from './drift/run.ts';
import { benchMesh } from './mesh/run.ts';
import { benchRender } from './render/run.ts';
import { readOptions, type BenchOptions } from './options.ts';

const benches: Readonly<Record<string, (options: BenchOptions) => Promise<void>>> = {
  admission: benchAdmission,
  availability: benchAvailability,
  check: benchCheck,
  drain: benchDrain,
  drift: benchDrift,
  mesh: benchMesh,
  render: benchRender,
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
  if (names.length === 0 || names.includes(name)) {
    process.stdout.write(`${name}\n${'='.repeat(name.length)}\n`);
    await bench(options);
  }
}
