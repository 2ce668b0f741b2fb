import { valueIn } from '../core/json.ts';
import type { Pointer } from '../core/pointer.ts';
import { contains, readRange, type AddressRange } from './ip.ts';
import { injectorValues } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';
import { annotationPointer, type Workload } from './workload.ts';

/** One setting of what the proxy intercepts: as declared, and where; without a place it is the injector's default. */
export interface InterceptionSetting {
  readonly annotation: string;
  readonly text: string;
  readonly at: Pointer | undefined;
}

/** What a workload's proxy intercepts. A missing answer means: it goes through the proxy. */
export interface Interception {
  /** What keeps connections to a port of the Pods away from the proxy. */
  inbound(port: number): InterceptionSetting | undefined;
  /** What keeps connections to an address and port away from the proxy; no address stands for any that is `*`. */
  outbound(port: number, address: string | undefined): InterceptionSetting | undefined;
  /** Whether anything is set at all, here or in the injector's defaults. */
  readonly declared: boolean;
  /** The ports that connections to leave by without the proxy, wherever they go. */
  readonly excludedOutboundPorts: readonly number[];
  /** Settings that the injector refuses the Pod for. */
  readonly refused: readonly InterceptionSetting[];
}

const prefix = 'traffic.sidecar.istio.io/';
/** How the proxy gets at connections: REDIRECT, TPROXY, or not at all. */
const modeAnnotation = 'sidecar.istio.io/interceptionMode';
const byInjectorValue = {
  includeInboundPorts: 'includeInboundPorts',
  excludeInboundPorts: 'excludeInboundPorts',
  includeOutboundPorts: 'includeOutboundPorts',
  excludeOutboundPorts: 'excludeOutboundPorts',
  includeOutboundIPRanges: 'includeIPRanges',
  excludeOutboundIPRanges: 'excludeIPRanges',
} as const;
const noPorts: ReadonlySet<number> = new Set();
type SettingName = keyof typeof byInjectorValue;
const settingNames = Object.keys(byInjectorValue) as SettingName[];
const annotationOf = Object.fromEntries(
  settingNames.map((name) => [name, `${prefix}${name}`]),
) as Readonly<Record<SettingName, string>>;
/** The settings that the injector checks, and what it takes for an item of each. */
const checks: readonly (readonly [name: SettingName, accepts: (item: string) => boolean])[] = [
  ['includeInboundPorts', isPort],
  ['excludeInboundPorts', isPort],
  ['excludeOutboundPorts', isPort],
  ['includeOutboundIPRanges', isRange],
  ['excludeOutboundIPRanges', isRange],
];

/** Reads the interception of a workload: its annotations, else the injector's defaults. Source: Istio `inject/validate.go`. */
export function interceptionOf(workload: Workload, mesh: Mesh): Interception {
  const read = (name: SettingName): InterceptionSetting | undefined =>
    setting(workload, name, mesh);
  const mode = workload.annotations[modeAnnotation];
  const none: InterceptionSetting | undefined =
    mode === 'NONE'
      ? { annotation: modeAnnotation, text: mode, at: annotationPointer(workload, modeAnnotation) }
      : undefined;
  return {
    declared: none !== undefined || settingNames.some((name) => read(name) !== undefined),
    inbound: (port) => none ?? inboundException(port, read),
    // Without interception the application dials the proxy itself, if at all.
    outbound: (port, address) =>
      none === undefined ? outboundException(port, address, read) : undefined,
    excludedOutboundPorts: [...portsOf(read('excludeOutboundPorts'))],
    refused: refusedSettings(workload),
  };
}

function inboundException(
  port: number,
  read: (name: SettingName) => InterceptionSetting | undefined,
): InterceptionSetting | undefined {
  const include = read('includeInboundPorts');
  const exclude = read('excludeInboundPorts');
  if (include !== undefined && !isEverything(include)) {
    return portsOf(include).has(port) ? undefined : include;
  }
  return exclude !== undefined && portsOf(exclude).has(port) ? exclude : undefined;
}

function outboundException(
  port: number,
  address: string | undefined,
  read: (name: SettingName) => InterceptionSetting | undefined,
): InterceptionSetting | undefined {
  const excludePorts = read('excludeOutboundPorts');
  if (excludePorts !== undefined && portsOf(excludePorts).has(port)) {
    return excludePorts;
  }
  const target = address === undefined ? undefined : readRange(address);
  if (target === undefined) {
    return undefined;
  }
  const exclude = read('excludeOutboundIPRanges');
  if (exclude !== undefined && rangesOf(exclude).some((range) => contains(range, target))) {
    return exclude;
  }
  const include = read('includeOutboundIPRanges');
  const includePorts = read('includeOutboundPorts');
  const captured =
    include === undefined ||
    isEverything(include) ||
    rangesOf(include).some((range) => contains(range, target)) ||
    (includePorts !== undefined && portsOf(includePorts).has(port));
  return captured ? undefined : include;
}

function setting(
  workload: Workload,
  name: SettingName,
  mesh: Mesh,
): InterceptionSetting | undefined {
  const annotation = annotationOf[name];
  const own = workload.annotations[annotation];
  if (own !== undefined) {
    return { annotation, text: own, at: annotationPointer(workload, annotation) };
  }
  const value = valueIn(injectorValues(mesh), 'global', 'proxy', byInjectorValue[name]);
  // The injector's chart gives empty texts for what is not set.
  return typeof value === 'string' && value !== ''
    ? { annotation, text: value, at: undefined }
    : undefined;
}

function refusedSettings(workload: Workload): readonly InterceptionSetting[] {
  const refused: InterceptionSetting[] = [];
  for (const [name, accepts] of checks) {
    const annotation = annotationOf[name];
    const text = workload.annotations[annotation];
    if (text === undefined || text === '' || (text === '*' && name.startsWith('include'))) {
      continue;
    }
    if (!text.split(',').every(accepts)) {
      refused.push({ annotation, text, at: annotationPointer(workload, annotation) });
    }
  }
  return refused;
}

function isPort(item: string): boolean {
  return /^\s*\d{1,5}\s*$/u.test(item) && Number(item) <= 65_535;
}

function isRange(item: string): boolean {
  return item.includes('/') && readRange(item.trim()) !== undefined;
}

function isEverything({ text }: InterceptionSetting): boolean {
  return text.trim() === '*';
}

function portsOf(setting: InterceptionSetting | undefined): ReadonlySet<number> {
  return setting === undefined
    ? noPorts
    : new Set(setting.text.split(',').filter(isPort).map(Number));
}

function rangesOf({ text }: InterceptionSetting): readonly AddressRange[] {
  return text.split(',').flatMap((item) => readRange(item.trim()) ?? []);
}
