import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { toolGroups } from '../../../tools/install/catalogue.ts';
import type { ToolEnvironment } from '../../../tools/install/environment.ts';
import { missingGo } from '../../../tools/install/go.ts';
import { isAcceptedVersion, locateGroup } from '../../../tools/install/locate.ts';
import { buildKey, goBuildArguments, pinnedVersion } from '../../../tools/install/pinned.ts';

describe('the version that a program prints', () => {
  test.each([
    ['Kubernetes v1.36.3', true],
    ['Kubernetes v1.33.0', true],
    ['Kubernetes v1.32.9', false],
    ['Kubernetes v2.0.0', true],
    ['Kubernetes v0.0.0-master+$Format:%H$', false],
    ['no version at all', false],
  ])('%s: accepted as 1.33 or later: %s', (printed, accepted) => {
    expect(isAcceptedVersion(printed, [1, 33])).toBe(accepted);
  });
});

describe('what is pinned', () => {
  test('is read from go.mod', () => {
    expect(pinnedVersion('kube', 'k8s.io/kubernetes')).toMatch(/^v1\.\d+\.\d+$/);
    expect(pinnedVersion('helm', 'helm.sh/helm/v3')).toMatch(/^v3\.\d+\.\d+$/);
    expect(() => pinnedVersion('kube', 'example.com/none')).toThrow('does not require');
  });

  test('is told to programs that do not know their version', () => {
    const [apiServer] = toolGroups.kube;
    const version = pinnedVersion('kube', 'k8s.io/kubernetes');
    expect(goBuildArguments(apiServer).join(' ')).toContain(`gitVersion=${version}`);
    expect(buildKey(apiServer)).toContain(version);
  });
});

describe('finding programs', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'meshgate-tools-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function install(subfolder: string, name: string, printed: string): string {
    const path = join(folder, subfolder);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, name), `#!/bin/sh\necho '${printed}'\n`);
    chmodSync(join(path, name), 0o755);
    return path;
  }

  function environment(assets: string): ToolEnvironment {
    return { ci: false, kubebuilderAssets: assets, path: [], variables: {} };
  }

  test('takes a complete group from KUBEBUILDER_ASSETS', () => {
    const assets = install('assets', 'kube-apiserver', 'Kubernetes v1.34.1');
    install('assets', 'kube-controller-manager', 'Kubernetes v1.34.1');
    expect(locateGroup('kube', environment(assets))).toEqual({ folder: assets, built: false });
  });

  test('takes no group of which a part is missing or too old', () => {
    const partial = install('partial', 'kube-apiserver', 'Kubernetes v1.34.1');
    const old = install('old', 'kube-apiserver', 'Kubernetes v1.34.1');
    install('old', 'kube-controller-manager', 'Kubernetes v1.30.0');
    expect(locateGroup('kube', environment(partial))?.folder).not.toBe(partial);
    expect(locateGroup('kube', environment(old))?.folder).not.toBe(old);
  });

  test('says what to install where there is no Go', () => {
    const withoutGo = { ...environment(folder), variables: { PATH: folder } };
    expect(missingGo('etcd', withoutGo)).toContain('https://go.dev/dl');
  });
});
