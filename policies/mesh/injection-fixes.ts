import type { Fix } from '../core/finding.ts';
import { listIn } from '../core/json.ts';
import { injectLabel } from './injection.ts';
import { injectLabelPointer, injectionWithLabel, type LostIntent } from './injection-intent.ts';
import type { Mesh } from './mesh.ts';
import { nativeSidecarAnnotation } from './proxy-mode.ts';
import { annotationPointer, appContainersOf, type Workload } from './workload.ts';

/** Puts the injection label on the Pods, where a Pod with that value is injected, or not, as it says. */
export function labelFix(workload: Workload, value: 'true' | 'false', mesh: Mesh): Fix | undefined {
  const wanted = value === 'true' ? 'injected' : 'not-injected';
  if (injectionWithLabel(workload, value, mesh).decision !== wanted) {
    return undefined;
  }
  const set = { at: injectLabelPointer(workload), value };
  const declared = Object.hasOwn(workload.labels, injectLabel);
  return { kind: declared ? 'replacement' : 'fill', changes: [set], filled: [set] };
}

/** Says by the label what was meant, and takes the annotation away; undefined where that would not act either. */
export function intentFix(
  { problem, declared }: Pick<LostIntent, 'problem' | 'declared'>,
  workload: Workload,
  mesh: Mesh,
): Fix | undefined {
  const value = meantValue(/: "(.*)"$/su.exec(declared)?.[1] ?? '');
  if (value === undefined || problem === 'asked-in-vain' || problem === 'revision-unread') {
    return undefined;
  }
  const fix = labelFix(workload, value, mesh);
  if (fix === undefined || !Object.hasOwn(workload.annotations, injectLabel)) {
    return fix;
  }
  const removal = { at: annotationPointer(workload, injectLabel), remove: true } as const;
  return { ...fix, kind: 'replacement', changes: [...fix.changes, removal] };
}

/** The value that somebody means who writes `yes` or `Disabled`. */
export function meantValue(said: string): 'true' | 'false' | undefined {
  const word = said.trim().toLowerCase();
  if (['true', 'yes', 'y', 'on', '1', 'enabled', 'enable'].includes(word)) {
    return 'true';
  }
  return ['false', 'no', 'n', 'off', '0', 'disabled', 'disable'].includes(word)
    ? 'false'
    : undefined;
}

/** Makes the sidecar of a workload a native one, where it is injected. */
export function nativeFix(workload: Workload, mesh: Mesh): Fix | undefined {
  if (injectionWithLabel(workload, 'true', mesh).decision !== 'injected') {
    return undefined;
  }
  const set = { at: annotationPointer(workload, nativeSidecarAnnotation), value: 'true' };
  const declared = workload.annotations[nativeSidecarAnnotation] !== undefined;
  return { kind: declared ? 'replacement' : 'fill', changes: [set], filled: [set] };
}

/** Whether a container of a workload asks the agent to end the proxy when it is done. */
export function endsProxyItself(workload: Workload): boolean {
  return appContainersOf(workload).some(({ container }) =>
    [...listIn(container, 'command'), ...listIn(container, 'args')].some(
      (word) => typeof word === 'string' && word.includes('quitquitquit'),
    ),
  );
}
