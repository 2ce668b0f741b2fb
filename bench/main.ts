import { benchAdmission } from './admission/run.ts';
import { benchMesh } from './mesh/run.ts';

const benches: Readonly<Record<string, () => Promise<void>>> = {
  admission: benchAdmission,
  mesh: benchMesh,
};

const names = process.argv.slice(2);
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
    await bench();
  }
}
