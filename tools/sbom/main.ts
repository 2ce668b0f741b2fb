// `npm run sbom`: prints what ships and from where, as CycloneDX.
import { fileURLToPath } from 'node:url';
import { makeBom } from './bom.ts';

process.stdout.write(await makeBom(fileURLToPath(new URL('../..', import.meta.url))));
